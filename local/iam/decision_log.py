"""Log of IAM's decisions since the emulator started."""

import threading
from collections import OrderedDict
from typing import Any, NamedTuple

from local.iam.decision_log_entry import LoggedDecision
from local.iam.statement import RoleStatement

# A long run reads many objects; the oldest decisions are dropped, the use of statements is not.
_MOST_DECISIONS = 20_000


class StatementUse(NamedTuple):
    """The use of a role's statement for an action."""

    role: str
    policy: str
    number: int
    action: str


class DecisionLog:
    """Counts equal decisions, and remembers which statements were used; safe for use by several threads."""

    def __init__(self) -> None:
        self._counts: OrderedDict[LoggedDecision, int] = OrderedDict()
        self._uses: set[StatementUse] = set()
        self._lock = threading.Lock()

    def add(self, decision: LoggedDecision, statement: RoleStatement | None = None) -> None:
        """Adds a decision, and the role's statement that allowed it."""
        with self._lock:
            self._counts[decision] = self._counts.get(decision, 0) + 1
            self._counts.move_to_end(decision)
            if len(self._counts) > _MOST_DECISIONS:
                self._counts.popitem(last=False)
            if statement and decision.is_allowed:
                self._uses.add(_use(statement, decision.action))

    def decisions(self) -> list[dict[str, Any]]:
        """Returns every decision with its count, as JSON, in the order of their last occurrence."""
        with self._lock:
            return [decision.to_json(count) for decision, count in self._counts.items()]

    def used_actions(self, statement: RoleStatement) -> set[str]:
        """Returns the actions for which a statement was used."""
        with self._lock:
            return {use.action for use in self._uses if use == _use(statement, use.action)}


def _use(statement: RoleStatement, action: str) -> StatementUse:
    return StatementUse(statement.role, statement.policy, statement.number, action)
