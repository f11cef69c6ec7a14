"""HTTP server with a given response function, which records its requests."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ReceivedRequest:
    """A request that the server received."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


# Returns the status and the body: bytes, or a value that is encoded as JSON.
Respond = Callable[[ReceivedRequest], tuple[int, Any]]


@dataclass(kw_only=True)
class WebServer:
    """The server's URL and its requests so far."""

    url: str
    requests: list[ReceivedRequest] = field(default_factory=list)


@contextmanager
def serving(respond: Respond) -> Iterator[WebServer]:
    """Serves on a free port of the loopback address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = ReceivedRequest(
                method=self.command, path=self.path, headers=headers, body=self.rfile.read(length)
            )
            web.requests.append(request)
            status, content = respond(request)
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - http.server requires this name

        def log_message(self, *_: object) -> None:
            """Writes no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        web = WebServer(url=f"http://127.0.0.1:{server.server_address[1]}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield web
        finally:
            server.shutdown()
            thread.join()
