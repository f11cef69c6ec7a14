"""Quotas of Step Functions: sizes of payloads, and names of executions."""
