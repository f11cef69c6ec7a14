"""CloudFormation as far as whoever asks for a stack's template sees it."""

import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.sax.saxutils import escape

_TEMPLATE = (
    "<GetTemplateResponse><GetTemplateResult><TemplateBody>{}</TemplateBody></GetTemplateResult>"
    "</GetTemplateResponse>"
)
_ERROR = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error></ErrorResponse>"
)


class CloudFormation:
    """What the server answers, and which stacks it was asked for."""

    def __init__(self) -> None:
        self.url = ""
        self.stack_names: list[str] = []
        self._status, self._body = HTTPStatus.OK, ""

    @property
    def answer(self) -> tuple[HTTPStatus, bytes]:
        """Status and body."""
        return self._status, self._body.encode()

    def tell(self, template: str) -> None:
        """Answers with a template from now on."""
        self._status, self._body = HTTPStatus.OK, _TEMPLATE.format(escape(template))

    def refuse(self, code: str, message: str, status: HTTPStatus) -> None:
        """Answers with an error from now on."""
        self._status, self._body = status, _ERROR.format(code, escape(message))


@contextmanager
def serve() -> Iterator[CloudFormation]:
    """Runs the server on a port of its own."""
    cloudformation = CloudFormation()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            cloudformation.stack_names += urllib.parse.parse_qs(body)["StackName"]
            status, answer = cloudformation.answer
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing: the test's output is its own."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        cloudformation.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield cloudformation
        finally:
            server.shutdown()
            thread.join()
