"""Generated requests over real sockets: 10,000 malformed ones, and those that schemathesis generates."""

import csv
import io
from collections import Counter
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from api import openapi_document
from bundle import Manifest, read_directory
from tests.api.schemathesis_cli import PHASES, run_schemathesis
from tests.contract.support.malformed import MalformedRequests
from tests.contract.support.process import Reply, ServingProcess, read_raw

pytestmark = pytest.mark.slow

BLOCKS = 20
REQUESTS_PER_BLOCK = 500
STATUSES = {200, 400, 406, 413, 415, 422}


class Client:
    """A connection that is opened again after the server has closed it."""

    def __init__(self, server: ServingProcess) -> None:
        self._server = server
        self._connection = server.connect()

    def send(self, data: bytes) -> Reply:
        self._connection.sendall(data)
        try:
            reply = read_raw(self._connection)
        except HTTPException as error:
            raise AssertionError(f"The response to {data[:300]!r} is not HTTP.") from error
        if reply.headers.get("connection") == "close":
            self.close()
            self._connection = self._server.connect()
        return reply

    def close(self) -> None:
        self._connection.close()


def assert_response(reply: Reply) -> None:
    """Asserts that a reply is predictions, as JSON or CSV, or a problem document."""
    media_type = reply.headers["content-type"]
    if reply.status != 200:
        assert media_type == "application/problem+json"
        assert {"type": "about:blank", "status": reply.status}.items() <= reply.json.items()
        assert reply.json["title"]
        assert reply.json["detail"]
    elif media_type == "application/json":
        assert all(
            "errors" in row or row.keys() >= {"label", "probability"} for row in reply.json["predictions"]
        )
        assert reply.json["predictions"]
    else:
        assert media_type == "text/csv; charset=utf-8"
        lines = [*csv.reader(io.StringIO(reply.body.decode(), newline=""), strict=True)]
        assert len({*map(len, lines)}) == 1


def test_malformed_requests_get_well_formed_responses_and_the_server_stays_healthy(
    server: ServingProcess,
) -> None:
    statuses: Counter[int] = Counter()
    client = Client(server)

    for block in range(BLOCKS):
        malformed = MalformedRequests(block)
        for _ in range(REQUESTS_PER_BLOCK):
            request = malformed.request()
            reply = client.send(request.data)
            statuses[reply.status] += 1
            assert reply.status in STATUSES, (request.head, request.body[:1_000], reply.body)
            assert_response(reply)
        assert server.get("/ping").status == 200

    client.close()
    assert statuses.keys() == STATUSES, statuses
    assert statuses.total() == BLOCKS * REQUESTS_PER_BLOCK
    assert "Traceback" not in server.log
    assert "A request failed" not in server.log


def container_document(manifest: Manifest) -> dict[str, Any]:
    """Returns the part of the API's OpenAPI document that the container implements.

    POST /predict of the API is POST /invocations of the container. The API key, the request id and some
    statuses belong to the API alone. There is no other path to link to, so the operation links to itself.
    """
    document = openapi_document(manifest)
    predict = document["paths"]["/predict"]["post"] | {"security": []}
    predict["responses"]["200"]["links"] = {
        "again": {"operationId": "predict", "requestBody": manifest.golden[0].instance}
    }
    document["paths"] = {"/invocations": {"post": predict}}
    document["components"]["headers"]["RequestId"]["required"] = False
    document["components"]["schemas"]["Problem"]["required"].remove("request_id")
    return document


def test_schemathesis_passes_all_phases_and_all_checks(server: ServingProcess, tmp_path: Path) -> None:
    document = container_document(read_directory(server.home.parent / "model").manifest)

    run = run_schemathesis(document, url=f"http://127.0.0.1:{server.port}", folder=tmp_path, examples=40)

    assert (run.code, run.passed) == (0, set(PHASES)), run.text
    assert run.cases > 300
