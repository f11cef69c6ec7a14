"""HTTP server with CloudFormation's GetTemplate."""

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
    """Response of the server, and the names of the requested stacks."""

    def __init__(self) -> None:
        self.url = ""
        self.stack_names: list[str] = []
        self._status, self._body = HTTPStatus.OK, ""

    @property
    def response(self) -> tuple[HTTPStatus, bytes]:
        """Status and body."""
        return self._status, self._body.encode()

    def respond(self, template: str) -> None:
        """Sets the template of all further responses."""
        self._status, self._body = HTTPStatus.OK, _TEMPLATE.format(escape(template))

    def respond_with_error(self, code: str, message: str, status: HTTPStatus) -> None:
        """Sets the error of all further responses."""
        self._status, self._body = status, _ERROR.format(code, escape(message))


@contextmanager
def serve() -> Iterator[CloudFormation]:
    """Runs the server on a free port."""
    cloudformation = CloudFormation()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            cloudformation.stack_names += urllib.parse.parse_qs(body)["StackName"]
            status, response = cloudformation.response
            self.send_response(status)
            self.send_header("content-length", str(len(response)))
            self.end_headers()
            self.wfile.write(response)

        def log_message(self, format: str, *args: Any) -> None:
            """Logs nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        cloudformation.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield cloudformation
        finally:
            server.shutdown()
            thread.join()
