"""Smoke test of a deployed stack: compares what it serves with its template and its models' bundles."""

from terminal_output import require_packages

require_packages("msgspec")
