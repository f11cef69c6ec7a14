"""Captured requests and responses of an endpoint, read from S3 as the rows and predictions of a window."""
