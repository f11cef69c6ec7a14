"""Scoring of whole files: rows in, the same rows with predictions out."""

from importlib.util import find_spec

# Spark's workers have the packages, and no terminal_output.py.
if find_spec("terminal_output"):
    from terminal_output import require_packages

    require_packages("msgspec")
