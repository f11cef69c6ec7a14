"""AWS on this machine: the MiniStack emulator extended by SageMaker, and the CDK CLI that deploys to it."""

from terminal_output import begin_command

begin_command("ministack")
