"""The CDK stack: its constructs, settings, validations, costs and commands."""

from terminal_output import require_packages

require_packages("msgspec")
