"""Statements of role policies, each with the role and policy that it stands in."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from ministack.core import iam_evaluator
from ministack.services import iam


@dataclass(kw_only=True)
class RoleStatement(iam_evaluator.ParsedStatement):  # type: ignore[misc]
    """A statement of one of a role's policies.

    Attributes:
        role: The role's name.
        policy: The inline policy's name, or the managed policy's ARN.
        number: The position of the statement in the policy, from 1.
    """

    role: str
    policy: str
    number: int

    @property
    def label(self) -> str:
        """Role, policy and number in one line."""
        return f"{self.role} / {self.policy} / {self.number}"


def is_wildcard(pattern: str) -> bool:
    """Whether a pattern of actions grants more than one action."""
    return "*" in pattern or "?" in pattern


def role_policies(role: str, account: str) -> list[list[RoleStatement]]:
    """Returns the statements of each policy of a role; empty for a role that does not exist.

    Args:
        role: The role's name.
        account: The account that owns it.
    """
    return [list(_parsed(role, policy, document)) for policy, document in _documents(role, account)]


def _documents(role: str, account: str) -> Iterator[tuple[str, str]]:
    record = iam._roles.get_scoped(account, None, role) or {}
    yield from (record.get("InlinePolicies") or {}).items()
    for arn in record.get("AttachedPolicies", ()):
        if document := iam_evaluator._resolve_managed_policy_document(arn, account):
            yield arn, document


@functools.lru_cache(maxsize=512)
def _parsed(role: str, policy: str, document: str) -> tuple[RoleStatement, ...]:
    # Every request of a role reads its policies; parsing them each time would take most of the decision.
    parsed = iam_evaluator.parse_policy_document(document)
    return tuple(
        RoleStatement(**vars(statement), role=role, policy=policy, number=number)
        for number, statement in enumerate(parsed, 1)
    )
