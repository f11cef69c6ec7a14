"""The CDK stack: its constructs, settings, validations, costs and commands."""

from terminal_output import begin_command

begin_command("msgspec")
