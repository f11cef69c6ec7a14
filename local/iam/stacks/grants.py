"""Grants of the stacks' roles, and the actions for which each was used."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import cloudformation

from local.iam.decision_log import DecisionLog
from local.iam.statement import RoleStatement, is_wildcard, role_policies
from local.local_aws import ACCOUNT

_ROLE = "AWS::IAM::Role"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """An action that a statement of a stack's role allows.

    Attributes:
        stack: The stack's name.
        role: Logical id of the role.
        action: The action, or a pattern of actions.
        statement: The statement.
    """

    stack: str
    role: str
    action: str
    statement: RoleStatement

    @property
    def key(self) -> tuple[str, str, str, int, str]:
        """Stack, role, policy, number of the statement, and action."""
        return self.stack, self.role, self.statement.policy, self.statement.number, self.action

    def to_json(self, used: set[str]) -> dict[str, Any]:
        """Returns the grant; `used` are the actions for which the statement was used.

        An action that the statement also names exactly is no use of its wildcard.
        """
        names = ("stack", "role", "policy", "number", "action")
        return dict(zip(names, self.key, strict=True)) | {
            "resources": self.statement.resources,
            "used": sorted(
                item
                for item in used
                if iam_evaluator.fnmatch_iam(item, self.action)
                and (item == self.action or item not in self.statement.actions)
            ),
            "is_wildcard": is_wildcard(self.action),
        }


class GrantBook:
    """The grants of all stacks since the emulator started, those of deleted stacks included.

    Args:
        log: The decisions, for the actions that were used.
    """

    def __init__(self, log: DecisionLog) -> None:
        self._log = log
        self._departed: dict[object, Grant] = {}

    def remember(self, stack: str) -> None:
        """Keeps the grants of a stack that is going to be deleted."""
        self._departed |= {grant.key: grant for grant in _grants() if grant.stack == stack}

    def all(self) -> list[dict[str, Any]]:
        """Returns every grant as JSON, with the actions for which it was used."""
        grants = self._departed | {grant.key: grant for grant in _grants()}
        return [grant.to_json(self._log.used_actions(grant.statement)) for grant in grants.values()]


def _grants() -> Iterator[Grant]:
    for stack, role, name in _roles():
        for statement in (item for policy in role_policies(name, ACCOUNT) for item in policy):
            if statement.effect == "Allow":
                for action in statement.actions:
                    yield Grant(stack=stack, role=role, action=action, statement=statement)


def _roles() -> Iterator[tuple[str, str, str]]:
    """Yields stack, logical id and physical name of each role of a deployed stack."""
    for stack in cloudformation._stacks.values():
        for logical_id, resource in stack.get("_resources", {}).items():
            if resource["ResourceType"] == _ROLE:
                yield stack["StackName"], logical_id, resource["PhysicalResourceId"]
