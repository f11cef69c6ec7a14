"""A test site of monthly files, with prepared answers."""

import io
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.training.flights.files import read, text

Answer = Callable[["Request"], None]

# Path of the file of January 2018 on the site.
PATH = "/PREZIP/On_Time_Reporting_Carrier_On_Time_Performance_1987_present_2018_1.zip"


class Request(BaseHTTPRequestHandler):
    """Answers a request with the next prepared answer; the last answer repeats."""

    protocol_version = "HTTP/1.1"
    site: "Site"

    def end_headers(self) -> None:
        # Without this header the client can send its next request on a connection that is closing.
        self.send_header("Connection", "close")
        super().end_headers()

    def do_GET(self) -> None:
        self.site.requests.append((self.path, self.headers.get("Range")))
        answers = self.site.answers
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    def log_message(self, *_: object) -> None:
        """Writes no log."""


class Site:
    """The received requests and the prepared answers."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[str, str | None]] = []


@contextmanager
def serving(site: Site) -> Iterator[str]:
    """Runs the site and yields its URL."""
    handler = type("Handler", (Request,), {"site": site})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/PREZIP"
        finally:
            server.shutdown()
            thread.join()


def monthly_archive(text: str) -> bytes:
    """Returns the archive of a month in the format of the site."""
    archive_file = io.BytesIO()
    with zipfile.ZipFile(archive_file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("readme.html", "<html>")
        archive.writestr("On_Time_2018_1.csv", text)
    return archive_file.getvalue()


# The archive of January 2018, with 200 flights.
MONTH = monthly_archive(text([{"flight_number": str(number)} for number in range(200)], "monthly BTS files"))


def downloaded_rows(site: Site, cache: Path, months: str = "2018-01", **options: Any) -> int:
    """Downloads months from the site, without pauses between the tries, and returns the number of rows."""
    with serving(site) as url:
        return len(read(f"bts:{months}", cache, site=url, sleep=lambda _: None, **options))


def partial_file(cache: Path) -> Path:
    """Returns the path of the partial download of January 2018."""
    return cache / "bts" / f"{PATH.rpartition('/')[2]}.part"


def with_ranges(content: bytes, *, size: int | None = None) -> Answer:
    """Answers with the requested range; `size` limits the bytes before the connection closes."""

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
    """Answers with the complete content; ignores a requested range."""
    return status(200, content, "application/zip")


def without_length(content: bytes) -> Answer:
    """Answers without Content-Length; the end of the connection ends the content."""

    def answer(request: Request) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(content)

    return answer


def in_pieces(content: bytes, *, pieces: int) -> Answer:
    """Answers with the content in several pieces."""

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
    """Answers with this status."""

    def answer(request: Request) -> None:
        request.send_response(code)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer
