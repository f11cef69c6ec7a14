"""Credentials of a function with SnapStart, from an endpoint on a real socket."""

import json
import threading
from collections.abc import Iterator
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from serving.lambda_function.credentials import CredentialsSource
from serving.lambda_function.signature import Credentials

TOKEN = "secret-of-the-endpoint"


class Endpoint(HTTPServer):
    """Lambda's endpoint for credentials, which issues other ones at each request."""

    issued = 0
    answer: bytes | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{self.server_port}/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": TOKEN,
        }


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_GET(self) -> None:
        is_ours = (self.path, self.headers["authorization"]) == ("/credentials", TOKEN)
        self.send_response(200 if is_ours else 403)
        self.end_headers()
        self.server.issued += 1
        names = {"AccessKeyId": f"key-{self.server.issued}", "SecretAccessKey": "s", "Token": "t"}
        self.wfile.write(self.server.answer or json.dumps(names).encode())

    def log_message(self, *_: object) -> None:
        """Writes no log."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


def test_a_function_without_a_snapshot_has_its_credentials_in_the_environment() -> None:
    environ = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c"}

    assert CredentialsSource(environ).read(seconds=1) == Credentials("a", "b", "c")


def test_a_restored_function_asks_for_its_credentials_each_time(endpoint: Endpoint) -> None:
    source = CredentialsSource(endpoint.environment)

    assert [source.read(seconds=20).key for _ in range(2)] == ["key-1", "key-2"]
    assert source.read(seconds=20) == Credentials("key-3", "s", "t")


def test_an_endpoint_that_refuses_is_an_error_with_its_status(endpoint: Endpoint) -> None:
    source = CredentialsSource(endpoint.environment | {"AWS_CONTAINER_AUTHORIZATION_TOKEN": "wrong"})

    with pytest.raises(HTTPException, match="the credentials endpoint answers 403"):
        source.read(seconds=20)


@pytest.mark.parametrize("answer", [b"<html>", b"{}", b"[]", b"\xff", b'{"AccessKeyId": "key-1"}'])
def test_an_answer_without_credentials_is_an_error_of_the_endpoint(endpoint: Endpoint, answer: bytes) -> None:
    endpoint.answer = answer

    with pytest.raises(HTTPException, match="the credentials endpoint answers without credentials"):
        CredentialsSource(endpoint.environment).read(seconds=20)
