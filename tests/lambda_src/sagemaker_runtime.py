"""The SageMaker runtime as far as an endpoint's caller sees it: a real server whose answers a test sets."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server says, after so many seconds; without a status it never says anything."""

    status: int | None = 200
    seconds: float = 0
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the server was asked."""

    path: str
    body: bytes
    content_type: str


class Runtime:
    """The server's script and its memory."""

    def __init__(self) -> None:
        self.answer = Answer()
        self.requests: list[Request] = []
        self.gone = threading.Event()
        self.url = ""

    def respond(self, answer: Answer) -> None:
        """Sets the answer and forgets what was asked before."""
        self.answer = answer
        self.requests.clear()


def prediction(document: dict[str, Any]) -> Answer:
    """A container's good answer."""
    return Answer(body=json.dumps(document).encode(), headers={"content-type": "application/json"})


def fault(code: str, *, status: int = 400, **members: Any) -> Answer:
    """An error of InvokeEndpoint in the form the AWS API gives it."""
    body = json.dumps({"Message": f"{code} happened", **members}).encode()
    return Answer(
        status=status, body=body, headers={"x-amzn-errortype": code, "content-type": "application/json"}
    )


def model_error(status: int, message: str) -> Answer:
    """How SageMaker passes on what a container answered."""
    return fault(
        "ModelError", status=424, OriginalStatusCode=status, OriginalMessage=message, LogStreamArn="arn:log"
    )


@contextmanager
def serve() -> Iterator[Runtime]:
    """Runs the server on a port of its own."""
    runtime = Runtime()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            runtime.requests.append(
                Request(path=self.path, body=body, content_type=self.headers["content-type"])
            )
            answer = runtime.answer
            if answer.status is None:
                runtime.gone.wait()
                return
            runtime.gone.wait(answer.seconds)
            self.send_response(answer.status)
            for name, value in {**answer.headers, "content-length": str(len(answer.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing: the test's output is its own."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        runtime.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield runtime
        finally:
            runtime.gone.set()
            server.shutdown()
            thread.join()
