"""Calls that a call implies: iam:PassRole, KMS of an encrypted object, s3:ListBucket of a missing one."""
