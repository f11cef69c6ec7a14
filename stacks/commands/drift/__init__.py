"""Command that compares the captured requests of a deployed stack with what the model's training saw."""
