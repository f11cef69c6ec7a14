"""Emulated Lambda runtime API, which sends events to a function.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

REQUEST = "11111111-1111-1111-1111-111111111111"


class LambdaRuntime(ThreadingHTTPServer):
    """Server that gives events to a function and collects its responses.

    Attributes:
        address: Host and port of the server.
        events: Events that the function has not received yet.
        answers: Kind and content of each result of the function.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"127.0.0.1:{self.server_port}"
        self.events: Queue[bytes] = Queue()
        self.answers: Queue[tuple[str, Any]] = Queue()

    def invoke(self, event: Any) -> tuple[str, Any]:
        """Invokes the function; returns `response` or `error`, and its content."""
        return self.invoke_raw(json.dumps(event).encode())

    def invoke_raw(self, event: bytes) -> tuple[str, Any]:
        """Invokes the function with an event that need not be JSON."""
        self.events.put(event)
        return self.next_result()

    def next_result(self) -> tuple[str, Any]:
        """Waits for the next result of the function: `response`, `error` or `init/error`, and its content."""
        return self.answers.get(timeout=60)


class _Handler(BaseHTTPRequestHandler):
    server: LambdaRuntime
    protocol_version = "HTTP/1.1"
    # Head and body of a response are two packets; Nagle's algorithm would delay the second.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._reply(200, self.server.events.get())

    def do_POST(self) -> None:
        content = json.loads(self.rfile.read(int(self.headers["content-length"])))
        kind = "init/error" if self.path.endswith("/init/error") else self.path.rpartition("/")[2]
        self.server.answers.put((kind, content))
        self._reply(202, b"{}")

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Lambda-Runtime-Aws-Request-Id", REQUEST)
        self.send_header("Lambda-Runtime-Deadline-Ms", "9999999999999")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Writes no log."""


@contextmanager
def lambda_runtime() -> Iterator[LambdaRuntime]:
    """Runs the runtime API on a free port."""
    with LambdaRuntime() as runtime:
        threading.Thread(target=runtime.serve_forever, daemon=True).start()
        try:
            yield runtime
        finally:
            runtime.shutdown()
