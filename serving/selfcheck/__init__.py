"""Self-check of an image: starts the server on a tiny bundle and predicts one row."""
