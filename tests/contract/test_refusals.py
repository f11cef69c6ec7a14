"""POST /invocations: invalid requests and their problem documents."""

import pytest

from tests.contract.support.process import ServingProcess, assert_problem
from tests.tiny_bundle import EXAMPLE

JSON = {"content-type": "application/json"}
CSV = {"content-type": "text/csv"}
YES = {"label": "yes", "probability": 0.5}


def test_a_body_in_another_media_type_is_415(server: ServingProcess) -> None:
    assert_problem(server.send("POST", "/invocations", b"<size/>", {"content-type": "text/xml"}), 415)
    assert_problem(server.send("POST", "/invocations", b'{"size":0}'), 415)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"size=0",
        b'{"size":0',
        b'{"size":NaN}',
        b'{"size":-Infinity}',
        b'{"size":0,"size":1}',
        b'{"size":0,"kind":"\x00"}',
        b'{"size":0,"kind":"\xff\xfe"}',
        b'{"size":0,"kind":"\\udc00"}',
        b"[" * 1_000_000,
        b'{"size":' * 100_000,
        b"null",
        b"[]",
    ],
    ids=[
        "empty",
        "form",
        "truncated",
        "NaN",
        "infinity",
        "twice",
        "NUL",
        "not UTF-8",
        "surrogate",
        "deep",
        "nested",
        "null",
        "list",
    ],
)
def test_a_body_that_is_not_a_json_object_is_400(server: ServingProcess, body: bytes) -> None:
    assert_problem(server.predict(body), 400)
    assert server.get("/ping").status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"instances":[]}',
        b'{"instances":[null]}',
        b'{"size":"0"}',
        b'{"size":1e999}',
        b'{"size":%b}' % (b"9" * 5_000),
        b'{"size":0,"kind":"\\u0000"}',
        b'{"size":0,"day":"2023-02-29"}',
        b'{"size":0,"at":"24:00"}',
    ],
    ids=[
        "nothing",
        "no rows",
        "no row",
        "type",
        "huge",
        "digits",
        "NUL",
        "no such day",
        "no such time",
    ],
)
def test_rows_with_invalid_values_are_422(server: ServingProcess, body: bytes) -> None:
    assert_problem(server.predict(body), 422)
    assert server.get("/ping").status == 200


def test_invalid_values_are_reported_by_row_field_and_rule(server: ServingProcess) -> None:
    reply = server.predict({"instances": [EXAMPLE, {"size": 101, "kinds": 1}]})

    assert assert_problem(reply, 422)["errors"] == [
        {"row": 1, "field": "kinds", "rule": "is not a field of this model: did you mean kind?"},
        {"row": 1, "field": "size", "rule": "must be a number from 0 to 100 cm"},
    ]


def test_no_problem_document_shows_internals(server: ServingProcess) -> None:
    bodies = [b'{"size":"x"}', b'{"instances":1}', b"[]", b"{", b"\xff"]

    for body in bodies:
        text = server.predict(body).body.decode()
        assert not any(word in text for word in ("Traceback", ".py", "msgspec", "serving")), text
