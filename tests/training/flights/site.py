"""A site of monthly files as it is on a bad day: what it answers is told it beforehand."""

import io
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Request"], None]


class Request(BaseHTTPRequestHandler):
    """One request, answered by the next of the site's answers; the last one is repeated."""

    protocol_version = "HTTP/1.1"
    site: "Site"

    def end_headers(self) -> None:
        # A server that closes without saying so lets the client send its next request into the closing.
        self.send_header("Connection", "close")
        super().end_headers()

    def do_GET(self) -> None:
        self.site.asked.append((self.path, self.headers.get("Range")))
        answers = self.site.answers
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Site:
    """What was asked of the site, and what it answers next."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str | None]] = []


@contextmanager
def serving(site: Site) -> Iterator[str]:
    """The site's URL, while it is up."""
    handler = type("Handler", (Request,), {"site": site})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/PREZIP"
        finally:
            server.shutdown()
            thread.join()


def monthly(text: str) -> bytes:
    """A month's archive as the site packs it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("readme.html", "<html>")
        archive.writestr("On_Time_2018_1.csv", text)
    return packed.getvalue()


def whole(content: bytes, *, size: int | None = None) -> Answer:
    """The content from where it is asked for; `size` bytes of it, and then the connection breaks."""

    def answer(request: Request) -> None:
        start = int((request.headers.get("Range") or "bytes=0-")[6:-1])
        request.send_response(206 if start else 200)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        request.send_header("Content-Length", str(len(content) - start))
        request.end_headers()
        request.wfile.write(content[start:][:size])

    return answer


def without_ranges(content: bytes) -> Answer:
    """The content from its beginning, whatever is asked for."""
    return status(200, content, "application/zip")


def without_length(content: bytes) -> Answer:
    """The content of unknown length, which ends with the connection."""

    def answer(request: Request) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(content)

    return answer


def in_drops(content: bytes, *, pieces: int) -> Answer:
    """The content, little by little."""

    def answer(request: Request) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        step = len(content) // pieces + 1
        for start in range(0, len(content), step):
            request.wfile.write(content[start : start + step])
            request.wfile.flush()

    return answer


def status(code: int, content: bytes = b"", kind: str = "text/html") -> Answer:
    """An answer of that status."""

    def answer(request: Request) -> None:
        request.send_response(code)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer
