"""`python -m stacks.commands.endpoint`: deletes the endpoint of a deployed stack, and starts it again.

A paused service costs nothing for instances. Its API stays, and answers 503 until it is woken with the
version that it served before. Both commands change one parameter of the stack, so a deployment changes
neither.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence

from stacks.commands.command_line.stack_command import (
    StackCall,
    add_stack_arguments,
    print_progress,
    run_stack_program,
)
from stacks.commands.current_stack import CurrentStack
from stacks.commands.endpoint.stack_update import ParameterUpdate, UpdateFailedError
from stacks.settings.settings import PAUSED
from terminal_output import escape_unencodable_output

_EPILOG = (
    "Exit codes: 0 the service is paused or awake as asked, 1 it is not, 2 wrong arguments, 130 interrupted: "
    "CloudFormation goes on."
)
_AFTER = {
    "pause": "is paused: its endpoint is deleted, its API answers 503. `make wake` starts the same version.",
    "wake": "is awake: its endpoint is in service with the version that it had. `make smoke` checks it.",
}
_BEFORE = {"pause": "is paused already.", "wake": "is awake already."}


class NothingToPauseError(Exception):
    """The stack has no endpoint to delete; the message is one sentence."""


def main(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Pauses or wakes the stack of the settings.

    Args:
        argv: The arguments, without the program's name.
        environment: Credentials and region.

    Returns:
        The exit code.
    """
    arguments = _parser().parse_args(argv)
    errors = (NothingToPauseError, UpdateFailedError)
    return run_stack_program(_pause_or_wake, arguments, environment, verb=arguments.verb, errors=errors)


def _pause_or_wake(call: StackCall) -> int:
    stack, arguments = call.stack, call.arguments
    _check_pausable(stack)
    paused = arguments.verb == "pause"
    if changed := stack.is_paused != paused:
        ParameterUpdate(call.account, stack, progress=print_progress).run(PAUSED, str(paused).lower())
    result = {"stack": stack.name, "paused": paused, "changed": changed}
    sentence = f"The stack {stack.name} {(_AFTER if changed else _BEFORE)[arguments.verb]}"
    print(json.dumps(result) if arguments.json else call.advice(sentence))
    return 0


def _check_pausable(stack: CurrentStack) -> None:
    if stack.hosting != "realtime":
        raise NothingToPauseError(
            f"The stack {stack.name} has hosting {stack.hosting}, which costs nothing while nobody asks: "
            "there is nothing to pause."
        )
    if PAUSED not in stack.parameters:
        raise NothingToPauseError(
            f"The template of stack {stack.name} has no parameter {PAUSED}: deploy the stack again, then "
            "pause it."
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m stacks.commands.endpoint", description=__doc__, epilog=_EPILOG
    )
    parser.add_argument("verb", choices=("pause", "wake"), help="delete the endpoint, or start it again")
    add_stack_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:], os.environ))
