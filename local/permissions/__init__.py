"""Permissions of a deployed template, each removed in turn by `python -m local prove`."""
