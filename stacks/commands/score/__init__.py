"""Command that scores the files below a prefix in S3 with the state machine of a deployed stack."""
