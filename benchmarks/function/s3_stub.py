"""S3 on loopback with one object, the bundle of the function."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

URL = "s3://models/model.tar.gz"


class Store(ThreadingHTTPServer):
    """Returns one file for every GET."""

    daemon_threads = True

    def __init__(self, file: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = file.read_bytes()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: Store
    wbufsize = -1

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("ETag", '"bundle"')
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, *_: object) -> None:
        """Writes no log."""
