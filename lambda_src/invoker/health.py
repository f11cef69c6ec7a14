"""Whether a prediction would work now, asked at most every ten seconds."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .deadline import Deadline
from .golden import Found, Golden, not_found
from .problem import ProblemError

_SECONDS = 0.8
_KEPT_SECONDS = 10.0
_UNKNOWN = "Unknown"


class Report(NamedTuple):
    """What was found out.

    Attributes:
        members: What the client is told.
        problem: Why a prediction would not work, "" when it would.
        evidence: What the log should hold.
        time: When it was asked, in seconds since 1970.
    """

    members: Mapping[str, Any]
    problem: str
    evidence: Mapping[str, object]
    time: float


class Health:
    """The health of one model or of several.

    Args:
        rows: A row for each model by its name, which the only one does not need: "".
        state: What AWS says of the models' host.
    """

    def __init__(self, rows: Mapping[str, Golden], *, state: Callable[[Deadline], str]) -> None:
        self._rows = rows
        self._host_state = state
        self._kept: Report | None = None

    def check(self, deadline: Deadline) -> Mapping[str, Any]:
        """What the host's state is and which version of each model answers a golden row.

        That version and the expected one differ while an update runs, and after one that was rolled back.

        Raises:
            ProblemError: A prediction would not work now.
        """
        report = self._kept
        if report is None or not 0 <= time.time() - report.time < _KEPT_SECONDS:
            report = self._kept = self._ask(deadline.within(_SECONDS))
        if report.problem:
            members, evidence = report.members, report.evidence
            raise ProblemError("not_ready", report.problem, members=members, evidence=evidence)
        return {"status": "ok", **report.members}

    def _ask(self, deadline: Deadline) -> Report:
        """All questions at once, each of which ends by the deadline."""
        now = time.time()
        states: list[str] = []
        answers: dict[str, Found] = {}

        def ask_state() -> None:
            states.append(self._state(deadline))

        def ask_model(name: str, row: Golden) -> None:
            answers[name] = row.ask(deadline)

        threads = [threading.Thread(target=ask_state, daemon=True)]
        threads += [threading.Thread(target=ask_model, args=pair, daemon=True) for pair in self._rows.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(deadline.remaining())
        state = states[0] if states else _UNKNOWN
        found = {name: answers.get(name) or not_found("out_of_time") for name in self._rows}
        checked_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        members = {"state": state, **self._told(found), "checked_at": checked_at}
        return Report(members, _problem(found, state), _evidence(found), now)

    def _told(self, found: Mapping[str, Found]) -> dict[str, Any]:
        if "" in found:
            return {"model": found[""].model, "expected_version": self._rows[""].expected_version}
        versions = {
            name: {"version": found[name].version, "expected_version": row.expected_version}
            for name, row in self._rows.items()
        }
        return {"models": versions}

    def _state(self, deadline: Deadline) -> str:
        try:
            return self._host_state(deadline)
        except Exception:
            # It is only told: what counts is whether the models answer.
            return _UNKNOWN


def _problem(found: Mapping[str, Found], state: str) -> str:
    told = [f"{name}: {one.problem}" if name else one.problem for name, one in found.items() if one.problem]
    whose = "Its" if "" in found else "The endpoint's"
    return " ".join([*told, f"{whose} state is {state}."]) if told else ""


def _evidence(found: Mapping[str, Found]) -> Mapping[str, object]:
    if "" in found:
        return found[""].evidence
    return {"models": {name: one.evidence for name, one in found.items() if one.problem}}
