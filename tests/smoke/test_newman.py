"""newman, run on a collection and led to a server that answers as told."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from api.postman.request import request
from api.postman.scripts import status_is
from smoke.errors import NotFoundError
from smoke.newman import run_collection

SECRET = "a-key-that-nobody-may-see"
COLLECTION = {
    "info": {"name": "one", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
    "auth": {
        "type": "apikey",
        "apikey": [{"key": "key", "value": "x-api-key"}, {"key": "value", "value": "{{api_key}}"}],
    },
    "item": [request("ask", "GET", "/ask", tests=status_is(200))],
}


class Server(BaseHTTPRequestHandler):
    """200 to who has the secret, 403 to others."""

    def do_GET(self) -> None:
        self.send_response(200 if self.headers.get("x-api-key") == SECRET else 403)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    path = tmp_path / "collection.json"
    path.write_text(json.dumps(COLLECTION))
    return path


def environment(**variables: str) -> dict[str, object]:
    return {"name": "one", "values": [{"key": key, "value": value} for key, value in variables.items()]}


def test_requests_have_the_key_and_nobody_sees_it(
    url: str, collection: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = run_collection(collection, environment(base_url=url, api_key=SECRET))

    told = capfd.readouterr()
    assert (code, told.err) == (0, "")
    assert "the status is 200" in told.out
    assert SECRET not in told.out


def test_a_test_that_fails_is_the_exit_code(
    url: str, collection: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = run_collection(collection, environment(base_url=url, api_key="wrong"))

    assert code == 1
    assert "expected response to have status code 200 but got 403" in capfd.readouterr().out


def test_the_key_goes_through_a_pipe_and_is_in_no_argument(
    collection: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "newman.js"
    program.write_text(
        'const piped = require("fs").readFileSync("/dev/stdin", "utf8");'
        "console.log(JSON.stringify([process.argv, process.env, piped]));"
    )

    code = run_collection(collection, environment(api_key=SECRET), newman=program)

    arguments, variables, piped = json.loads(capfd.readouterr().out)
    assert code == 0
    assert SECRET in piped
    assert SECRET not in json.dumps([arguments, variables])


def test_without_newman_it_is_told_how_to_get_it(collection: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="npm ci"):
        run_collection(collection, environment(), newman=tmp_path / "none")
