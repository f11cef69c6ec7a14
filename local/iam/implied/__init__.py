"""Calls that a call implies: iam:PassRole for a role, KMS for an encrypted object."""
