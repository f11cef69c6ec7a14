"""Fake of AWS for custom resources: the URL that they respond to, DescribeStacks, and DescribeEndpoint."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_STACKS = (
    "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>Tiny</StackName>"
    "<CreationTime>2026-01-31T00:00:00Z</CreationTime><StackStatus>{}</StackStatus>"
    "</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
)


class Inbox:
    """Responses that arrived.

    Attributes:
        turn_away: How many requests are answered 503 first.
        stack_status: Status of the stack in DescribeStacks.
        endpoint: The endpoint in DescribeEndpoint.
    """

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[dict[str, Any]] = []
        self.content_types: list[str | None] = []
        self.turn_away = 0
        self.stack_status = "CREATE_IN_PROGRESS"
        self.endpoint: dict[str, Any] = {}


@contextmanager
def receive() -> Iterator[Inbox]:
    """Runs the server for one request."""
    inbox = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            inbox.turn_away -= 1
            if inbox.turn_away < 0:
                inbox.answers.append(json.loads(body))
                inbox.content_types.append(self.headers["content-type"])
            self.send_response(200 if inbox.turn_away < 0 else 503)
            self.send_header("content-length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            is_endpoint = self.headers.get("x-amz-target") == "SageMaker.DescribeEndpoint"
            text = json.dumps(inbox.endpoint) if is_endpoint else _STACKS.format(inbox.stack_status)
            body = text.encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Writes no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        inbox.url = f"http://127.0.0.1:{server.server_port}/answer?signed=1"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield inbox
        finally:
            server.shutdown()
            thread.join()
