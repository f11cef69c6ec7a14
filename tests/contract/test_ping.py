"""GET /ping, the health check of SageMaker's hosting contract."""

import pytest

from tests.contract.support.process import ServingProcess


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_ping_has_the_status_and_the_model(server: ServingProcess, method: str) -> None:
    reply = server.send(method, "/ping")

    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert reply.json["status"] == "healthy"
    assert reply.json["model"] == server.predict({"size": 0}).json["model"]


def test_head_of_ping_has_the_headers_of_get_and_no_body(server: ServingProcess) -> None:
    reply = server.get("/ping", method="HEAD")

    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["content-length"] == server.get("/ping").headers["content-length"]


def test_ping_ignores_a_query(server: ServingProcess) -> None:
    assert server.get("/ping?x=1").status == 200
