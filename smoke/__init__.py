"""Smoke test of a deployed stack: compares what it serves with its template and its models' bundles."""

from terminal_output import begin_command

begin_command("msgspec")
