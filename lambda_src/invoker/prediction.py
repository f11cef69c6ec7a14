"""What a model answers, whatever hosts it."""

import json
import re
from typing import NamedTuple

from .problem import ProblemError

_VERSION = re.compile(r"[\w.+-]{1,64}", re.ASCII)


class Prediction(NamedTuple):
    """Predictions, as the container wrote them.

    Attributes:
        body: JSON or CSV.
        content_type: Which of them.
        version: The model's version, "" when it was not told.
    """

    body: str
    content_type: str
    version: str


def read_prediction(body: bytes, content_type: str, version: str) -> Prediction:
    """Takes a model's answer for what it says it is, unless it is not.

    Raises:
        ProblemError: It is neither a JSON object nor CSV in UTF-8.
    """
    kind = content_type.partition(";")[0].strip().lower()
    try:
        text = body.decode()
        is_prediction = (
            isinstance(json.loads(text), dict) if kind == "application/json" else kind == "text/csv"
        )
    except (ValueError, RecursionError):
        is_prediction = False
    if not is_prediction or not (content_type.isascii() and content_type.isprintable()):
        raise ProblemError("model_garbled", evidence={"content_type": content_type, "bytes": len(body)})
    return Prediction(text, content_type, version if _VERSION.fullmatch(version) else "")
