"""Extensions API of one execution environment, for internal extensions: threads of a function's process.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""

import json
import queue
import threading
import uuid
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.local_aws import LOOPBACK_ADDRESS

_REGISTER = "/2020-01-01/extension/register"
_NEXT = "/2020-01-01/extension/event/next"
_INVOKE, _SHUTDOWN = "INVOKE", "SHUTDOWN"
_POLL_SECONDS = 0.05
# Errors of Lambda, as in https://github.com/aws/aws-lambda-runtime-interface-emulator
_WRONG_EVENT = "Extension.InvalidEventType"
_NO_SHUTDOWN = f"{_SHUTDOWN}: ShutdownEventNotSupportedForInternalExtension"
_CLOSED = ("Extension.RegistrationClosed", "Extension registration closed already")
_UNKNOWN = ("Extension.UnknownExtensionIdentifier", "Unknown Extension-Identifier")


class ExtensionsApi:
    """Server of the API, whose extensions get an event for each call of the function.

    Attributes:
        address: Host and port, for AWS_LAMBDA_RUNTIME_API.
    """

    def __init__(self) -> None:
        self._events: dict[str, queue.Queue[Mapping[str, Any]]] = {}
        self._waiting: set[str] = set()
        self._changed = threading.Condition()
        self._is_open = True
        self._server = ThreadingHTTPServer((LOOPBACK_ADDRESS, 0), _handler_of(self))
        self._server.daemon_threads = True
        self.address = f"{LOOPBACK_ADDRESS}:{self._server.server_port}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": _POLL_SECONDS}, daemon=True
        ).start()

    @property
    def has_extensions(self) -> bool:
        """Whether the function has registered an extension."""
        return bool(self._events)

    def begin_call(self, event: Mapping[str, Any], *, seconds: float) -> None:
        """Waits until the extensions have done their work for the call before, and sends them the event.

        Args:
            event: Members of the event.
            seconds: Time limit of the wait, which is that of a call.
        """
        self._is_open = False
        self.await_extensions(seconds=seconds)
        with self._changed:
            self._waiting.clear()
            for events in self._events.values():
                events.put({"eventType": _INVOKE, **event})

    def await_extensions(self, *, seconds: float) -> None:
        """Waits until each extension has asked for the next event."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting == self._events.keys(), timeout=seconds)

    def close(self) -> None:
        """Ends the server."""
        self._server.shutdown()
        self._server.server_close()

    def register(self, events: list[str]) -> tuple[int, Mapping[str, Any]]:
        """Registers an extension; returns the status, and its id or Lambda's error."""
        if not self._is_open:
            return 403, _error(*_CLOSED)
        for event in events:
            if event != _INVOKE:
                reason = _NO_SHUTDOWN if event == _SHUTDOWN else f"{event}: ErrorInvalidEventType"
                return 403, _error(_WRONG_EVENT, reason)
        identifier = str(uuid.uuid4())
        self._events[identifier] = queue.Queue()
        return 200, {"id": identifier}

    def next_event(self, identifier: str) -> tuple[int, Mapping[str, Any]]:
        """Waits for the next event of an extension; returns the status, and the event or Lambda's error."""
        if identifier not in self._events:
            return 403, _error(*_UNKNOWN)
        with self._changed:
            self._waiting.add(identifier)
            self._changed.notify_all()
        return 200, self._events[identifier].get()


def _handler_of(api: ExtensionsApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
            if self.path != _REGISTER:
                self._reply(404, {})
                return
            status, answer = api.register(body.get("events", []))
            self._reply(status, answer, identifier=str(answer.get("id", "")))

        def do_GET(self) -> None:
            if self.path != _NEXT:
                self._reply(404, {})
                return
            self._reply(*api.next_event(self.headers.get("Lambda-Extension-Identifier", "")))

        def _reply(self, status: int, answer: Mapping[str, Any], *, identifier: str = "") -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if identifier:
                self.send_header("Lambda-Extension-Identifier", identifier)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Writes no log."""

    return Handler


def _error(kind: str, message: str) -> Mapping[str, Any]:
    return {"errorType": kind, "errorMessage": message}
