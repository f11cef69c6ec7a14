"""Reason of a failure, from what the states of a run have found."""

import json
from collections.abc import Mapping
from typing import Any


def reason_of(found: Mapping[str, Any]) -> str:
    """Returns why a version failed in service, or the error of a state.

    Args:
        found: State of the execution: `verification`, `shift` and `error`, as far as there are any.
    """
    for name in ("verification", "shift"):
        if reason := (found.get(name) or {}).get("reason"):
            return str(reason)
    error = found.get("error") or {}
    return f"{error.get('Error', 'no error')}: {_message(str(error.get('Cause', '')))}"


def _message(cause: str) -> str:
    """Returns the message of a cause, which is JSON when a function or a job has failed."""
    try:
        decoded = json.loads(cause)
        return str(decoded.get("errorMessage") or decoded.get("FailureReason") or cause)
    except (ValueError, AttributeError):
        return cause
