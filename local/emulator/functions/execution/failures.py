"""Failures of an invocation that Lambda itself reports, in its words.

https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
"""

import json
import signal
from collections.abc import Mapping
from typing import Any

from local.emulator.functions.quotas import MAX_RESPONSE_BYTES

_TIMED_OUT = "Sandbox.Timedout"
_SIGNALS = {signal.SIGKILL: "killed", signal.SIGTERM: "terminated", signal.SIGSEGV: "segmentation fault"}


class InvocationError(Exception):
    """The function gave no response.

    Args:
        error: The payload of the response; {request_id} in its message stands for the id of the request.
    """

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(error["errorMessage"])
        self._error = error

    @property
    def is_late(self) -> bool:
        """True for a function that exceeded its time limit."""
        return bool(self._error["errorType"] == _TIMED_OUT)

    def payload(self, request_id: str) -> str:
        """Returns the payload of the response.

        Args:
            request_id: Id of the request.
        """
        message = str(self._error["errorMessage"]).replace("{request_id}", request_id)
        return json.dumps({**self._error, "errorMessage": message})


def timed_out(seconds: float) -> InvocationError:
    """Returns the failure of a function that exceeded its timeout."""
    return _failure(_TIMED_OUT, f"Task timed out after {seconds:.2f} seconds")


def out_of_memory() -> InvocationError:
    """Returns the failure of a function that exceeded its memory size."""
    return _failure("Runtime.OutOfMemory", "Runtime exited with error: signal: killed")


def not_run(error: Exception) -> InvocationError:
    """Returns the failure of a function that cannot be run here, such as on a full disk.

    Lambda itself answers so after a fault of its own: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    """
    return _failure("ServiceException", f"AWS on this machine cannot run the function: {error}")


def exited(status: int) -> InvocationError:
    """Returns the failure of a function whose process ended.

    Args:
        status: Its exit status; a negative one is the number of a signal.
    """
    if status == 0:
        return _failure("Runtime.ExitError", "Runtime exited without providing a reason")
    if status > 0:
        return _failure("Runtime.ExitError", f"Runtime exited with error: exit status {status}")
    number = signal.Signals(-status)
    name = _SIGNALS.get(number, number.name)
    return _failure("Runtime.ExitError", f"Runtime exited with error: signal: {name}")


def response_too_large() -> str:
    """Returns the payload of a function whose response is over Lambda's limit."""
    return json.dumps(
        {
            "errorMessage": "Response payload size exceeded maximum allowed payload size "
            f"({MAX_RESPONSE_BYTES} bytes).",
            "errorType": "Function.ResponseSizeTooLarge",
        }
    )


def _failure(error_type: str, message: str) -> InvocationError:
    return InvocationError(
        {"errorType": error_type, "errorMessage": f"RequestId: {{request_id}} Error: {message}"}
    )
