"""Any of the functions, with the time that its handler took beside its answer."""

import importlib
import os
import time
from typing import Any

_MODULE, _, _NAME = os.environ["TIMED_HANDLER"].rpartition(".")
_handler = getattr(importlib.import_module(_MODULE), _NAME)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The answer, and the seconds it took."""
    begun = time.perf_counter()
    answer = _handler(event, context)
    return {"answer": answer, "seconds": time.perf_counter() - begun}
