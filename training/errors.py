"""What can go wrong while a model is made."""


class TrainingError(Exception):
    """Training cannot go on; the message is one sentence that says what is wrong and what to do."""
