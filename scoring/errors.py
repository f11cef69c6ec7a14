"""The error of scoring."""


class ScoringError(Exception):
    """Scoring failed; the message says in one sentence what is wrong, where, and what to do."""
