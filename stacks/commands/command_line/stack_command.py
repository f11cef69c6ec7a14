"""Command about a deployed stack: its options, its account, its errors and exit codes."""

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from stacks.commands.aws_account import AwsAccount, UnreadableAccountError, add_account_arguments
from stacks.commands.current_stack import CurrentStack, require_stack
from stacks.settings.context import add_context_argument, context_of
from stacks.settings.settings import Settings, SettingsError
from terminal_output import interruption_code, termination_as_exception

_FAILED = 1
# Verbs of the Makefile that take LOCAL=1.
_VERBS_ON_BOTH = re.compile(
    r"`make (captures|drift|models|pause|promote|retrain|rollback|score|smoke|transform|wake)\b(?! LOCAL=1)"
)


@dataclass(frozen=True, kw_only=True)
class StackCall:
    """One call of a command.

    Attributes:
        arguments: The parsed command line.
        account: The account that it names.
        is_local: Whether the stack is on this machine.
    """

    arguments: argparse.Namespace
    account: AwsAccount
    is_local: bool = False

    def advice(self, sentence: str) -> str:
        """Returns a sentence whose commands of make reach the same stack: with LOCAL=1 on this machine."""
        return _VERBS_ON_BOTH.sub(r"`make \1 LOCAL=1", sentence) if self.is_local else sentence

    @cached_property
    def settings(self) -> Settings:
        """The settings of cdk.json and of the command line; raises SettingsError."""
        return Settings.from_context(context_of(self.arguments))

    @cached_property
    def stack(self) -> CurrentStack:
        """The deployed stack of the settings; raises UnreadableAccountError."""
        return require_stack(self.account, self.settings.stack_name)


def add_stack_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options that name a stack and its account to a parser."""
    add_context_argument(parser)
    add_account_arguments(parser)


def whole_number(text: str, *, most: int | None = None) -> int:
    """Parses the value of an option that counts something, from 1 to `most`.

    Raises:
        argparse.ArgumentTypeError: Something else.
    """
    if text.isascii() and text.isdigit() and int(text) and (most is None or int(text) <= most):
        return int(text)
    limits = "above 0" if most is None else f"from 1 to {most}"
    raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {limits}")


def run_stack_program(
    act: Callable[[StackCall], int],
    arguments: argparse.Namespace,
    environment: Mapping[str, str],
    *,
    verb: str,
    errors: tuple[type[Exception], ...] = (),
    failed: int = _FAILED,
) -> int:
    """Runs a command; prints the sentence of its error to standard error.

    Args:
        act: The command, which returns its exit code.
        arguments: The parsed command line, with the options of `add_stack_arguments`.
        environment: Credentials and region; LOCAL is set for the stack on this machine.
        verb: Verb of the Makefile that error messages name.
        errors: Errors whose message is one sentence, besides those of settings and account.
        failed: Exit code after an error.

    Returns:
        The exit code: that of the command, `failed` after an error, or 130 or 143 when interrupted.
    """
    account = AwsAccount(environment, profile=arguments.profile, region=arguments.region, verb=verb)
    call = StackCall(arguments=arguments, account=account, is_local=bool(environment.get("LOCAL")))
    expected: tuple[type[Exception], ...] = (SettingsError, UnreadableAccountError, *errors)
    try:
        with termination_as_exception():
            return act(call)
    except expected as error:
        print_progress(call.advice(str(error)))
        return failed
    except KeyboardInterrupt as end:
        return interruption_code(end)


def print_progress(line: str) -> None:
    """Prints a line to standard error at once."""
    print(line, file=sys.stderr, flush=True)
