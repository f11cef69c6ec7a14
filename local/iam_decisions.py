"""IAM's decisions in the running emulator, and the use of the stacks' grants."""

import json
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.local_aws import DECISIONS_PATH, LocalAws

# The CDK's own stack, whose roles are not ours.
_BOOTSTRAP_STACK = "CDKToolkit"
_TIMEOUT_SECONDS = 30.0

RecordRow = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """The record since the emulator started.

    Attributes:
        decisions: Caller, action, resource, whether it was allowed, statement, reason and count of each.
        grants: Each action that a statement of a stack's role allows, and the actions it was used for.
    """

    decisions: Sequence[RecordRow]
    grants: Sequence[RecordRow]

    @property
    def refused(self) -> list[RecordRow]:
        """The decisions that refused a call."""
        return [decision for decision in self.decisions if not decision["is_allowed"]]

    @property
    def unused(self) -> list[RecordRow]:
        """The grants of the deployed stacks that no call has used."""
        return [grant for grant in self._own_grants() if not grant["used"]]

    @property
    def missing(self) -> list[RecordRow]:
        """The grants that name an action by a wildcard only, and were used: the exact actions are missing."""
        return [grant for grant in self._own_grants() if grant["used"] and grant["is_wildcard"]]

    def _own_grants(self) -> Iterator[RecordRow]:
        return (grant for grant in self.grants if grant["stack"] != _BOOTSTRAP_STACK)


def fetch_decisions(aws: LocalAws) -> Decisions:
    """Reads the record of the emulator."""
    with urllib.request.urlopen(f"{aws.url}{DECISIONS_PATH}", timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310 - http
        return Decisions(**json.load(response))


def decision_line(decision: RecordRow) -> str:
    """Returns a decision as one line: caller, action, resource, number of calls, and what decided."""
    verdict = "allowed by" if decision["is_allowed"] else "REFUSED:"
    decided = decision["statement"] if decision["is_allowed"] else decision["reason"]
    called = f"{decision['caller']}  {decision['action']}  {decision['resource']}  {decision['count']}x"
    return f"{called}  {verdict} {decided or 'IAM, which never refuses this action'}"


def grant_line(grant: RecordRow) -> str:
    """Returns a grant as one line: stack, role, statement, action, resources, and the uses of a wildcard."""
    statement = f"{grant['policy']} / {grant['number']}"
    uses = f"  used for {', '.join(grant['used'])}" if grant["used"] else ""
    resources = ", ".join(grant["resources"])
    return f"{grant['stack']}/{grant['role']}  {statement}  {grant['action']}  {resources}{uses}"
