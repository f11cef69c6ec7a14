"""Metrics that AWS services publish about themselves, and those in log lines."""
