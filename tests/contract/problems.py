"""Refusals, which all have one shape."""

from typing import Any

from tests.contract.process import Reply


def assert_problem(reply: Reply, status: int) -> dict[str, Any]:
    """The problem document that the reply has to be."""
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    document: dict[str, Any] = reply.json
    assert (document["status"], document["type"]) == (status, "about:blank")
    assert document["title"]
    assert document["detail"]
    return document
