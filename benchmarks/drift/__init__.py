"""Benchmark of drift: false alarms of quiet weeks, and found shifts, beside Evidently."""
