"""Scoring of whole files: rows in, the same rows with predictions out."""

from terminal_output import require_packages

require_packages("msgspec")
