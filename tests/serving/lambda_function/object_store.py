"""S3 server with one object on a real socket, which can delay, truncate or refuse its responses."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

URL = "s3://models/current/model.tar.gz"
PATH = "/models/current/model.tar.gz"
DENIED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


class ObjectStore(ThreadingHTTPServer):
    """The object, the faults of the server, and the requests it got.

    Attributes:
        body: Content of the object; None when there is no object.
        cut: Number of bytes that are sent before the connection is closed; None for all.
        failures: Number of requests that get 503 first.
        refusal: Status and body of each response instead; None for none.
        closing: Whether the server closes the connection after each response.
        gate: Event that a response waits for.
        body_gate: Event that the body of a response waits for.
        statuses: Status of each response.
        asked: Headers of each request.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.body: bytes | None = None
        self.cut: int | None = None
        self.failures = 0
        self.refusal: tuple[int, bytes] | None = None
        self.closing = False
        self.gate, self.body_gate = threading.Event(), threading.Event()
        self.gate.set()
        self.body_gate.set()
        self.statuses: list[int] = []
        self._responded = threading.Condition()
        self.asked: list[dict[str, str]] = []

    def respond(self, status: int) -> None:
        """Records the status of a response."""
        with self._responded:
            self.statuses.append(status)
            self._responded.notify_all()

    def wait_for_responses(self, count: int) -> None:
        """Waits until the server has started `count` responses."""
        with self._responded:
            assert self._responded.wait_for(lambda: len(self.statuses) >= count, timeout=60)

    @property
    def environment(self) -> dict[str, str]:
        """Environment of a function that uses this server."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }


class _Handler(BaseHTTPRequestHandler):
    server: ObjectStore
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        store = self.server
        store.asked.append({name.lower(): value for name, value in self.headers.items()})
        store.gate.wait(60)
        body = store.body
        if store.failures:
            store.failures -= 1
            self._reply(503, b"<Error><Code>SlowDown</Code></Error>")
        elif store.refusal:
            self._reply(*store.refusal)
        elif body is None or self.path != PATH:
            self._reply(403, DENIED)
        elif self.headers.get("if-none-match") == _etag(body):
            self._reply(304, b"", etag=_etag(body))
        else:
            self._reply(200, body, etag=_etag(body))

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.do_GET()

    def _reply(self, status: int, body: bytes, *, etag: str = "") -> None:
        self.server.respond(status)
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        if self.server.closing:
            self.send_header("Connection", "close")
        self.end_headers()
        self.server.body_gate.wait(60)
        if self.server.cut is not None and status == 200:
            self.close_connection = True
            body = body[: self.server.cut]
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Writes no log."""


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """Runs a server on a free port."""
    with ObjectStore() as store:
        threading.Thread(target=store.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield store
        finally:
            store.gate.set()
            store.body_gate.set()
            store.shutdown()
