"""What reaching a model has in common, whatever hosts it."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)

from .problem import ProblemError

# Two attempts take 9 seconds at worst, which the function's own timeout of 12 leaves room for.
PROMPT = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 2},
)
# A host that starts when it is asked is waited for once: a second attempt would wait for a second start.
PATIENT = Config(
    connect_timeout=1,
    read_timeout=8,
    retries={"mode": "standard", "total_max_attempts": 1},
)

NOT_READY = "The model is being started or updated."
THROTTLED = "Too many requests at once."
HOST_FAILED = "The service that hosts the model failed."
LATE = "The model did not answer in time."
OURS = "The request failed for a reason of ours."
FAILED = "The model failed on this request."
REFUSED = "The model refused this request."
TOO_LARGE = "The request is larger than the model's host accepts."

# What goes wrong before there is an answer -> cause and sentence.
_TRANSPORT = {
    (ConnectTimeoutError, ReadTimeoutError): ("out_of_time", LATE),
    (HTTPClientError, EndpointConnectionError): ("unreachable", "The model could not be reached."),
    (BotoCoreError,): ("unexpected", OURS),
}


def transport_problem(error: BotoCoreError) -> ProblemError:
    """The problem for a request that never got an answer of AWS."""
    cause, sentence = next(told for kinds, told in _TRANSPORT.items() if isinstance(error, kinds))
    return ProblemError(cause, sentence, evidence={"error": str(error)})


def model_problem(status: int, body: str, evidence: Mapping[str, object]) -> ProblemError:
    """The problem for an answer of the model's own that is no prediction.

    Args:
        status: The HTTP status it answered with.
        body: What it said, a problem document for a request that it refused.
        evidence: What the log should hold.
    """
    if not 400 <= status < 500:
        return ProblemError("model_failed", FAILED, evidence=evidence)
    return ProblemError("refused", REFUSED, document=_document(body, status), evidence=evidence)


def _document(body: str, status: int) -> dict[str, Any]:
    plain = {"type": "about:blank", "status": status, "detail": REFUSED}
    try:
        document = json.loads(body)
    except ValueError:
        return plain
    return {**document, "status": status} if isinstance(document, dict) else plain
