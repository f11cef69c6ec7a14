"""Scoring of whole files: rows in, the same rows with predictions out."""

from terminal_output import begin_command

begin_command("msgspec")
