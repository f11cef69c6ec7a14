"""Wrapper of a handler that measures its time."""

import importlib
import os
import time
from typing import Any

_MODULE, _, _NAME = os.environ["TIMED_HANDLER"].rpartition(".")
_handler = getattr(importlib.import_module(_MODULE), _NAME)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Returns the response of the handler and its duration in seconds."""
    begun = time.perf_counter()
    response = _handler(event, context)
    return {"response": response, "seconds": time.perf_counter() - begun}
