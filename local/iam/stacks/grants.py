"""Grants of the deployed stacks' roles, and the actions for which each was used."""

from collections.abc import Iterator
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import cloudformation

from local.aws import ACCOUNT
from local.iam.record import DecisionRecord
from local.iam.statement import is_wildcard, role_policies

_ROLE = "AWS::IAM::Role"


def granted_statements(record: DecisionRecord) -> list[dict[str, Any]]:
    """Returns each action that a statement of a deployed stack's role allows, as JSON.

    Args:
        record: The decisions, for the actions that were used.

    Returns:
        Stack, role, policy, number of the statement, action and resources; `used` is the list of the used
        actions, `is_wildcard` whether the statement names the action by a wildcard.
    """
    return [grant for stack, role, name in _roles() for grant in _grants(record, stack, role, name)]


def _roles() -> Iterator[tuple[str, str, str]]:
    """Yields stack, logical id and physical name of each role."""
    for stack in cloudformation._stacks.values():
        for logical_id, resource in stack.get("_resources", {}).items():
            if resource["ResourceType"] == _ROLE:
                yield stack["StackName"], logical_id, resource["PhysicalResourceId"]


def _grants(record: DecisionRecord, stack: str, role: str, name: str) -> Iterator[dict[str, Any]]:
    for statement in (item for policy in role_policies(name, ACCOUNT) for item in policy):
        if statement.effect != "Allow":
            continue
        used = record.used_actions(statement)
        for action in statement.actions:
            yield {
                "stack": stack,
                "role": role,
                "policy": statement.policy,
                "number": statement.number,
                "action": action,
                "resources": statement.resources,
                "used": sorted(item for item in used if iam_evaluator.fnmatch_iam(item, action)),
                "is_wildcard": is_wildcard(action),
            }
