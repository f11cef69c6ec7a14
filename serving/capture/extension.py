"""Internal extension of a Lambda function: work after a response, before Lambda freezes the function.

Lambda sends a response as soon as the handler has returned, and freezes the function when each extension has
asked for the next event: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""

import json
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any

_NAME = "data-capture"
_REGISTER = "/2020-01-01/extension/register"
_NEXT = "/2020-01-01/extension/event/next"
_REGISTER_SECONDS = 2.0
_RETRY_SECONDS = 0.1
_REPORTED_FAILURES = 3
# Part of the function's time that is left when a handler has never returned.
_MARGIN_SECONDS = 1.0


class ExtensionError(Exception):
    """Lambda does not accept the extension; the message is the reason."""


class Extension:
    """Calls a function after each response.

    Args:
        address: Host and port of Lambda's API, AWS_LAMBDA_RUNTIME_API.
        work: The function. An exception of it is logged; the next responses are not kept waiting.
        log: Writes a line to the log.
    """

    def __init__(
        self,
        address: str,
        *,
        work: Callable[[], None],
        log: Callable[[str], None] = lambda line: print(line, flush=True),
    ) -> None:
        self._address = address
        self._work = work
        self._log = log
        self._id = ""
        # Without a time limit: the function is frozen until there is an event.
        self._events = HTTPConnection(address)
        self._returned = threading.Condition()
        self._returned_id = ""

    def start(self) -> None:
        """Registers the extension, which Lambda allows while the function starts only.

        Raises:
            ExtensionError: Lambda does not accept it.
        """
        connection = HTTPConnection(self._address, timeout=_REGISTER_SECONDS)
        try:
            connection.request(
                "POST",
                _REGISTER,
                body=json.dumps({"events": ["INVOKE"]}),
                headers={"Lambda-Extension-Name": _NAME},
            )
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
            if response.status != HTTPStatus.OK:
                raise ExtensionError(f"Lambda answers {response.status} {text}")
            self._id = response.headers["Lambda-Extension-Identifier"]
        except (OSError, HTTPException) as error:
            raise ExtensionError(f"Lambda does not answer: {error}") from error
        finally:
            connection.close()
        threading.Thread(target=self._run, daemon=True).start()

    def end_call(self, request_id: str) -> None:
        """Takes note that the handler returns from a call."""
        with self._returned:
            self._returned_id = request_id
            self._returned.notify_all()

    def _run(self) -> None:
        # Lambda waits for an extension until the function's timeout, so that this loop has no end.
        failures = 0
        while True:
            try:
                event = self._next_event()
            except (OSError, HTTPException, ValueError) as error:
                # The connection of a snapshot ends when the snapshot is restored: one failure is usual.
                failures += 1
                if failures == _REPORTED_FAILURES:
                    self._log(f"Data capture delays responses: Lambda sends no events: {error!r}")
                self._events.close()
                time.sleep(_RETRY_SECONDS)
                continue
            failures = 0
            try:
                self._await_return(event)
                self._work()
            except Exception:
                # Without this thread, Lambda would wait for the extension until each call's timeout.
                self._log(f"Data capture failed:\n{traceback.format_exc()}")

    def _next_event(self) -> Mapping[str, Any]:
        # One connection for all events: a new one each takes three times the processor time.
        self._events.request("GET", _NEXT, headers={"Lambda-Extension-Identifier": self._id})
        response = self._events.getresponse()
        text = response.read()
        if response.status != HTTPStatus.OK:
            raise HTTPException(f"Lambda answers {response.status}")
        found: Mapping[str, Any] = json.loads(text)
        return found

    def _await_return(self, event: Mapping[str, Any]) -> None:
        request_id = event.get("requestId")
        seconds = float(event.get("deadlineMs", 0)) / 1000 - time.time() - _MARGIN_SECONDS
        with self._returned:
            self._returned.wait_for(lambda: self._returned_id == request_id, timeout=max(seconds, 0))
