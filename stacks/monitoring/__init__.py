"""The monitor: a scheduled function that compares captured requests with what training saw."""
