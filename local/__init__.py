"""AWS on this machine: the MiniStack emulator extended by SageMaker, and the CDK CLI that deploys to it."""

from terminal_output import require_packages

require_packages("ministack")
