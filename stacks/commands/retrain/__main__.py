"""`python -m stacks.commands.retrain`: starts a retraining of a deployed stack, and follows it to its end.

The stack needs the setting retrain. The run goes on when this command ends.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from stacks.commands.aws_account import UnreadableAccountError
from stacks.commands.command_line.stack_command import (
    StackCall,
    add_stack_arguments,
    print_progress,
    run_stack_program,
)
from stacks.commands.current_stack import CurrentStack, require_stack
from stacks.commands.retrain.execution import RetrainingEnd, RetrainingError, RetrainingExecution
from terminal_output import escape_unencodable_output

_EPILOG = (
    "Exit codes: 0 a version is released or waits for approval, or there was nothing to do; 1 the run "
    "failed or could not start; 2 wrong arguments; 3 the judge refused the version; 130 interrupted: the run "
    "goes on."
)
_CODES = {"released": 0, "awaiting-approval": 0, "nothing-to-do": 0, "refused": 3}


def main(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Starts and follows a run.

    Args:
        argv: The arguments, without the program's name.
        environment: Credentials and region.

    Returns:
        The exit code.
    """
    arguments = _parser().parse_args(argv)
    return run_stack_program(_retrain, arguments, environment, verb="retrain", errors=(RetrainingError,))


def _retrain(call: StackCall) -> int:
    arguments = call.arguments
    runs = RetrainingExecution(call.account, _state_machine(call.stack), progress=print_progress)
    execution = _execution(runs, arguments)
    if arguments.no_wait:
        print(json.dumps({"execution": execution}) if arguments.json else execution)
        return 0
    try:
        end = runs.follow(execution)
    except (KeyboardInterrupt, UnreadableAccountError):
        goes_on = (
            f"\nThe run goes on: `make retrain ARGS='--follow {execution}'` follows it, and `aws "
            f"stepfunctions stop-execution --execution-arn {execution}` stops it."
        )
        print_progress(call.advice(goes_on))
        raise
    serving = require_stack(call.account, call.stack.name).outputs.get("ModelVersion", "")
    _print_end(end, execution=execution, serving=serving, as_json=arguments.json)
    return _CODES.get(end.outcome, 1)


def _state_machine(stack: CurrentStack) -> str:
    if arn := stack.outputs.get("RetrainingArn"):
        return arn
    raise RetrainingError(
        f"The stack {stack.name} is not retrained: set retrain to manual and data to the folder of the rows, "
        "and deploy."
    )


def _execution(runs: RetrainingExecution, arguments: argparse.Namespace) -> str:
    """Returns the execution to follow, which is started unless it was named."""
    if arguments.follow is not None:
        return str(arguments.follow) or runs.newest("RUNNING")
    given: dict[str, Any] = {"because": "manual", **({"force": True} if arguments.force else {})}
    if arguments.resume is not None:
        given = runs.to_resume(arguments.resume or runs.newest("FAILED"))
        print_progress(f"Goes on at {given['resume']}.")
    execution = runs.start_execution(f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}", given)
    print_progress(f"The retraining {execution} has started.")
    return execution


def _print_end(end: RetrainingEnd, *, execution: str, serving: str, as_json: bool) -> None:
    reasons = end.told.get("reasons", [])
    if as_json:
        found = {"execution": execution, **end.told, "outcome": end.outcome, "sentence": end.sentence}
        print(json.dumps({**found, "serving": serving, "seconds": end.seconds}))
        return
    print("\n".join([end.sentence, *(f"  {reason}" for reason in reasons), f"Version {serving} serves."]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m stacks.commands.retrain", description=__doc__, epilog=_EPILOG
    )
    runs = parser.add_mutually_exclusive_group()
    runs.add_argument(
        "--follow",
        nargs="?",
        const="",
        metavar="EXECUTION",
        help="follow a run instead of starting one (default: the newest one in progress)",
    )
    runs.add_argument(
        "--resume",
        nargs="?",
        const="",
        metavar="EXECUTION",
        help="go on with a run that has failed, at the state that failed (default: the newest one)",
    )
    runs.add_argument("--force", action="store_true", help="train even if there are no new rows")
    parser.add_argument("--no-wait", action="store_true", help="print the execution, and do not follow it")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    add_stack_arguments(parser)
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:], os.environ))
