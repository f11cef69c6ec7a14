"""Scheduled function: one run of the monitor, with its metrics and its page."""
