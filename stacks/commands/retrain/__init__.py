"""Command that starts and follows a retraining of a deployed stack."""
