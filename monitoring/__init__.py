"""Monitoring of a deployed model: captured requests beside what training saw, on a page and as metrics."""
