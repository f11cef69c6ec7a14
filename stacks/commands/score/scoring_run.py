"""Run of the state machine that scores files: start, progress and result."""

import json
from collections.abc import Mapping
from typing import Any

from bundle.scored_file_formats import FileError
from stacks.commands.executions.state_machine import StateMachine
from stacks.commands.score.scored_objects import ScoringPlan, ScoringRunError


class ScoringRun(StateMachine):
    """One execution of the state machine that scores files."""

    _shown = ""

    def start(self, plan: ScoringPlan, *, run: str, range_bytes: int) -> str:
        """Starts the execution; returns its ARN.

        Args:
            plan: Input of the run.
            run: Its name.
            range_bytes: Bytes of a larger object that one call scores.

        Raises:
            UnreadableAccountError: Step Functions refuses.
        """
        members = {
            "bucket": plan.bucket,
            "prefix": plan.prefix,
            "output": plan.output,
            "range_bytes": range_bytes,
        }
        return self.start_execution(run, members)

    def follow(self, execution: str) -> Mapping[str, Any]:
        """Waits until an execution has ended; returns the summary of the run.

        Raises:
            ScoringRunError: It has failed.
            UnreadableAccountError: Step Functions refuses.
        """
        while (described := self._describe(execution))["status"] == "RUNNING":
            self._show(execution)
            self._wait()
        self._show(execution)
        if described["status"] != "SUCCEEDED":
            raise ScoringRunError(f"The run is {described['status']}: {_sentence(described)}")
        summary: Mapping[str, Any] = json.loads(described["output"])
        return summary

    def _map_run(self, execution: str) -> str | None:
        """Returns the ARN of the Map Run of the objects; None before it has started."""
        found = self._account.read(
            "stepfunctions", "list_map_runs", action="states:ListMapRuns", executionArn=execution
        )["mapRuns"]
        return found[0]["mapRunArn"] if found else None

    def _show(self, execution: str) -> None:
        if not (arn := self._map_run(execution)):
            return
        run = self._account.read(
            "stepfunctions", "describe_map_run", action="states:DescribeMapRun", mapRunArn=arn
        )
        counts = run["itemCounts"]
        line = f"{counts['succeeded'] + counts['failed']} of {counts['total']} objects"
        if counts["total"] and line != self._shown:
            self._shown = line
            self._progress(line)


def _sentence(described: Mapping[str, Any]) -> str:
    """Returns the sentence of the last step, the message of a failed function, or the cause of a state."""
    cause = str(described.get("cause", ""))
    # The last step says with this error which files could not be scored.
    if described.get("error") == FileError.__name__:
        return cause
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return f"{described.get('error', 'no reason is given')} {cause}".strip()
