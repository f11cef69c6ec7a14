"""Whether a prediction would work now, asked at most every ten seconds."""

import json
import threading
import time
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from .causes import CAUSES
from .deadline import Deadline
from .prediction import Prediction
from .problem import ProblemError
from .question import Question

_SECONDS = 0.8
_KEPT_SECONDS = 10.0
_UNKNOWN = "Unknown"


class Model(Protocol):
    """What answers predictions and has a state."""

    def invoke(self, question: Question, deadline: Deadline) -> Prediction:
        """Sends it one request."""

    def state(self, deadline: Deadline) -> str:
        """What AWS says of it."""


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
    """The health of one model.

    Args:
        model: The model.
        instance: A row it has to answer, JSON.
        expected_version: The version that was deployed last.
    """

    def __init__(self, model: Model, *, instance: str, expected_version: str) -> None:
        self._model = model
        self._row = Question(instance.encode())
        self._expected_version = expected_version
        self._kept: Report | None = None

    def check(self, deadline: Deadline) -> Mapping[str, Any]:
        """What the endpoint's state is and which version answers a golden row.

        The two versions differ while an update runs, and after one that was rolled back.

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
        """Both questions at once, each of which ends by the deadline."""
        now = time.time()
        states: list[str] = []
        thread = threading.Thread(target=lambda: states.append(self._state(deadline)), daemon=True)
        thread.start()
        model, problem, evidence = self._answering(deadline)
        thread.join(deadline.remaining())
        members = {
            "state": states[0] if states else _UNKNOWN,
            "model": model,
            "expected_version": self._expected_version,
            "checked_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
        }
        return Report(members, problem and f"{problem} Its state is {members['state']}.", evidence, now)

    def _state(self, deadline: Deadline) -> str:
        try:
            return self._model.state(deadline)
        except Exception:
            # It is only told: what counts is whether the model answers.
            return _UNKNOWN

    def _answering(self, deadline: Deadline) -> tuple[dict[str, Any] | None, str, dict[str, Any]]:
        """The model that answers the golden row; or what to say when none does, and what to log."""
        try:
            model = json.loads(self._model.invoke(self._row, deadline).body)["model"]
        except ProblemError as problem:
            return None, str(problem), {"found": problem.cause, **problem.evidence}
        except (ValueError, KeyError, TypeError):
            model = None
        if isinstance(model, dict):
            return model, "", {}
        return None, CAUSES["model_garbled"].detail, {"found": "model_garbled"}
