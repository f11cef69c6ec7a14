"""A row that a model has to answer, which proves that a prediction would work."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from .causes import CAUSES
from .deadline import Deadline
from .prediction import Prediction
from .problem import ProblemError
from .question import Question


class Model(Protocol):
    """What answers predictions."""

    def invoke(self, question: Question, deadline: Deadline) -> Prediction:
        """Sends it one request."""


class Found(NamedTuple):
    """What became of the row.

    Attributes:
        model: The model as the answer names it, None without one.
        problem: Why a prediction would not work, "" when it would.
        evidence: What the log should hold.
    """

    model: dict[str, Any] | None
    problem: str
    evidence: Mapping[str, object]

    @property
    def version(self) -> str | None:
        """The version that answered."""
        version = (self.model or {}).get("version")
        return version if isinstance(version, str) else None


class Golden:
    """A row for one model.

    Args:
        model: The model.
        instance: The row, JSON.
        expected_version: The model's version that was deployed last.

    Attributes:
        model: The same model.
        expected_version: The same version.
    """

    def __init__(self, model: Model, *, instance: str, expected_version: str) -> None:
        self.model = model
        self._row = Question(instance.encode())
        self.expected_version = expected_version

    def ask(self, deadline: Deadline) -> Found:
        """The model that answers; or what to say when none does."""
        try:
            model = json.loads(self.model.invoke(self._row, deadline).body)["model"]
        except ProblemError as problem:
            return Found(None, str(problem), {"found": problem.cause, **problem.evidence})
        except (ValueError, KeyError, TypeError):
            model = None
        return Found(model, "", {}) if isinstance(model, dict) else not_found("model_garbled")


def not_found(cause: str) -> Found:
    """What is said of a row without an answer, for a key of `CAUSES`."""
    return Found(None, CAUSES[cause].detail, {"found": cause})
