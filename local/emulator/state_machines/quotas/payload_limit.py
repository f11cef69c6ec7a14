"""Size of payloads: a state whose output is larger than Step Functions passes on fails its execution.

No state catches this error: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

import json
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions

# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
MOST_PAYLOAD_BYTES = 256 * 1024
_STATES = ("_execute_map", "_execute_parallel", "_execute_pass", "_execute_task")


def install() -> None:
    """Adds the limit to the states of MiniStack that make an output."""
    for name in _STATES:
        setattr(stepfunctions, name, _limited(getattr(stepfunctions, name)))


def payload_bytes(payload: Any) -> int:
    """Returns the bytes of a payload: JSON without spaces, in UTF-8."""
    return len(
        json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    )


def _limited(execute: Callable[..., Any]) -> Callable[..., Any]:
    def execute_limited(state: Any, given: Any, *rest: Any) -> Any:
        output, following = execute(state, given, *rest)
        if payload_bytes(output) > MOST_PAYLOAD_BYTES:
            name = rest[-1]["State"]["Name"]
            raise stepfunctions._ExecutionError(
                "States.DataLimitExceeded",
                f"The state/task '{name}' returned a result with a size exceeding the maximum number of "
                "bytes service limit.",
            )
        return output, following

    return execute_limited
