"""State machine of a deployed stack: starts an execution, and describes one."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from stacks.commands.aws_account import AwsAccount

_SECONDS_BETWEEN_LOOKS = 2


class StateMachine:
    """Executions of one state machine; base of what follows them.

    Args:
        account: Account of the stack.
        state_machine: ARN of the state machine.
        progress: Takes a line whenever an execution has come further.
        wait: Waits a moment between two looks.
    """

    def __init__(
        self,
        account: AwsAccount,
        state_machine: str,
        *,
        progress: Callable[[str], None],
        wait: Callable[[], None] = lambda: time.sleep(_SECONDS_BETWEEN_LOOKS),
    ) -> None:
        self._starter = account
        # An execution goes on for hours, whatever becomes of the network here.
        self._account = account.patient()
        self._state_machine = state_machine
        self._progress = progress
        self._wait = wait

    def start_execution(self, name: str, given: Mapping[str, Any]) -> str:
        """Starts an execution; returns its ARN.

        Args:
            name: Name of the execution.
            given: Its input.

        Raises:
            UnreadableAccountError: Step Functions refuses.
        """
        started = self._starter.change(
            "stepfunctions",
            "start_execution",
            action="states:StartExecution",
            stateMachineArn=self._state_machine,
            name=name,
            input=json.dumps(given),
        )
        return str(started["executionArn"])

    def _describe(self, execution: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._account.read(
            "stepfunctions",
            "describe_execution",
            action="states:DescribeExecution",
            executionArn=execution,
        )
        return found
