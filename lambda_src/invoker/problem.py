"""Every answer that is not a prediction, as problem details (RFC 9457)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from .answer import Answer
from .causes import CAUSES

_MEDIA_TYPE = "application/problem+json"
_TITLES = {cause.status: cause.title for cause in CAUSES.values()} | {422: "Unprocessable Content"}
_REFUSED = "The model refused this request."


class ProblemError(Exception):
    """A request that gets no prediction.

    Attributes:
        cause: Key of `CAUSES`.
        document: The problem document, without the request's id.
        evidence: What the log should hold besides; never a request's or an answer's body.
    """

    def __init__(
        self,
        cause: str,
        detail: str = "",
        *,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        evidence: Mapping[str, object] | None = None,
    ) -> None:
        """Makes the document of a cause.

        Args:
            cause: Key of `CAUSES`.
            detail: A sentence that tells more than the cause's own.
            members: More for the document, or in place of what the cause says.
            headers: Headers that belong to the answer, as Allow.
            evidence: What the log should hold.
        """
        told = CAUSES[cause]
        super().__init__(detail or told.detail)
        self.cause = cause
        self.document = {
            "type": "about:blank",
            "title": told.title,
            "status": told.status,
            "detail": detail or told.detail,
            **(members or {}),
        }
        retry = {} if told.retry_after is None else {"retry-after": str(told.retry_after)}
        self._headers = {"content-type": _MEDIA_TYPE, **retry, **(headers or {})}
        self.evidence = dict(evidence or {})

    def answer(self, request_id: str) -> Answer:
        """The answer with the document in it."""
        document = self.document | {"request_id": request_id}
        return Answer(self.document["status"], self._headers, json.dumps(document))

    def record(self, request_id: str) -> str:
        """The line of JSON for the log."""
        entry = {"request_id": request_id, "cause": self.cause, "status": self.document["status"]}
        return json.dumps(entry | self.evidence)


def refused_by_model(status: int, body: str, evidence: Mapping[str, object]) -> ProblemError:
    """The problem for an answer of the model's own that is no prediction.

    Args:
        status: The HTTP status it answered with; 0 when it gave no answer.
        body: What it said, a problem document for a request that it refused.
        evidence: What the log should hold.
    """
    if 400 <= status < 500:
        return ProblemError("refused", members=_document(body, status), evidence=evidence)
    unavailable = {503: "not_ready", 504: "out_of_time"}
    return ProblemError(unavailable.get(status, "model_failed"), evidence=evidence)


def _document(body: str, status: int) -> dict[str, Any]:
    """A container's document with all that one must have; another container may say anything at all."""
    said = _said(body)
    plain = {"type": "about:blank", "title": _title(status), "detail": _REFUSED}
    texts = {name: said[name] for name in plain if isinstance(said.get(name), str)}
    return said | plain | texts | {"status": status}


def _said(body: str) -> dict[str, Any]:
    try:
        said = json.loads(body)
        json.dumps(said, allow_nan=False)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _title(status: int) -> str:
    try:
        return _TITLES.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return "Client Error"
