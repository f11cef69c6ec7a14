"""The page on a server that gives one answer: for what no tiny model answers, and for AWS signatures."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from api import Page


@contextmanager
def serve_page(
    page: Page, answer: Mapping[str, Any] | None = None, *, document: Mapping[str, Any] | None = None
) -> Iterator[str]:
    """Yields the URL of the page, whose predictions all get this answer.

    Args:
        page: The page, which every path has.
        answer: Answer to every prediction.
        document: The API's document, for a page that asks for it.
    """
    text = json.dumps(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if document and self.path.endswith("/openapi.json"):
                self._send({"content-type": "application/json"}, json.dumps(document))
            else:
                self._send(page.headers, page.body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self._send({"content-type": "application/json"}, text)

        def log_message(self, *_: object) -> None:
            """Writes no log."""

        def _send(self, headers: Mapping[str, str], body: str) -> None:
            content = body.encode()
            self.send_response(200)
            for name, value in {**headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/"
        finally:
            server.shutdown()
            thread.join()
