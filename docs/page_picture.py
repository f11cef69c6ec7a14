"""`python -m docs.page_picture`: a picture of the page with an answer of the default model, docs/page.png.

The page is the deployed one, in a browser that the system installs; behind it is the model of build/, in this
process instead of an endpoint.
"""

import json
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

from api import html_page
from bundle import read_archive
from serving.predict.predictor import Predictor

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "page.png"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Chromium has no sandbox for root.
BROWSER_OPTIONS = ["--no-sandbox"] if os.geteuid() == 0 else []
_WIDTH, _HEIGHT = 1180, 860


def main() -> int:
    """Takes the picture and prints its path; returns 1 if there is no browser."""
    path = find_browser()
    if path is None:
        print("There is no browser to take a picture of the page with: install chromium.", file=sys.stderr)
        return 1
    model = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["model"]
    with _served(ROOT / "build" / model / "model.tar.gz") as url:
        _take_picture(url, browser=path)
    print(PICTURE)
    return 0


def find_browser() -> str | None:
    """Returns the path of a browser that the system has, None without one."""
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def _take_picture(url: str, *, browser: str) -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=BROWSER_OPTIONS)
        page = chromium.new_page(viewport={"width": _WIDTH, "height": _HEIGHT}, reduced_motion="reduce")
        page.goto(url)
        page.get_by_role("textbox", name="API key").fill("a key of nobody")
        page.get_by_role("button", name="Example 2").click()
        page.get_by_role("button", name="Predict", exact=True).click()
        page.locator(".answer:visible").first.wait_for()
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=PICTURE)
        chromium.close()


@contextmanager
def _served(bundle: Path) -> Iterator[str]:
    """Yields the URL of the page, whose predictions are those of the bundle."""
    archive = read_archive(bundle)
    page, predictor = html_page(archive.manifest), Predictor(archive)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(page.headers, page.body.encode())

        def do_POST(self) -> None:
            query = urlsplit(self.path).query.encode()
            asked = predictor.parameters.read({b"content-type": b"application/json"}, query)
            body = self.rfile.read(int(self.headers["content-length"]))
            self._send({"content-type": "application/json"}, predictor.answer(body, asked))

        def log_message(self, *_: object) -> None:
            """Writes no log."""

        def _send(self, headers: dict[str, str], content: bytes) -> None:
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
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    sys.exit(main())
