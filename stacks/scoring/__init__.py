"""Scoring of whole files in S3: the function, its state machine, and the inbox."""
