"""The error of training."""


class TrainingError(Exception):
    """Training failed; the message says in one sentence what is wrong, where, and what to do."""
