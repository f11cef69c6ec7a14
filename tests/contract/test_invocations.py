"""POST /invocations: predictions, and refusals in one shape."""

import http.client
from typing import Any

import pytest

from tests.contract.process import DEADLINE_SECONDS, HOST, Reply, ServingProcess, read_raw, read_reply
from tests.tiny_bundle import EXAMPLE

MAX_BODY_BYTES = 6_291_456
JSON = {"content-type": "application/json"}
YES = {"label": "yes", "probability": 0.5}


def assert_problem(reply: Reply, status: int) -> dict[str, Any]:
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    document: dict[str, Any] = reply.json
    assert (document["status"], document["type"]) == (status, "about:blank")
    assert document["title"]
    assert document["detail"]
    return document


def test_one_instance_is_answered_with_its_prediction_and_the_model(server: ServingProcess) -> None:
    reply = server.predict(EXAMPLE)

    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert reply.json["predictions"] == [YES]
    assert reply.json["model"]["name"] == "tiny"


def test_many_instances_are_answered_in_their_order(server: ServingProcess) -> None:
    reply = server.predict({"instances": [{"size": size} for size in (100, 0, 1)]})

    assert [row["probability"] for row in reply.json["predictions"]] == [
        1,
        0.5,
        pytest.approx(0.731059, abs=1e-6),
    ]


def test_a_charset_and_the_headers_that_sagemaker_adds_are_accepted(server: ServingProcess) -> None:
    reply = server.send(
        "POST",
        "/invocations",
        b'{"size":0}',
        {
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "*/*",
            "X-Amzn-SageMaker-Custom-Attributes": "a=b",
            "X-Amzn-SageMaker-Inference-Id": "id",
            "X-Amzn-SageMaker-Target-Variant": "primary",
        },
    )

    assert reply.status == 200


def test_another_content_type_is_415(server: ServingProcess) -> None:
    assert_problem(server.send("POST", "/invocations", b"0,ant", {"content-type": "text/csv"}), 415)
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
    ],
)
def test_what_is_not_json_is_400(server: ServingProcess, body: bytes) -> None:
    assert_problem(server.predict(body), 400)
    assert server.get("/ping").status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"[]",
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
        "null",
        "list",
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
def test_rows_that_the_model_does_not_take_are_422(server: ServingProcess, body: bytes) -> None:
    assert_problem(server.predict(body), 422)
    assert server.get("/ping").status == 200


def test_wrong_values_are_named_by_row_field_and_rule(server: ServingProcess) -> None:
    reply = server.predict({"instances": [EXAMPLE, {"size": 101, "weight": 1}]})

    assert assert_problem(reply, 422)["errors"] == [
        {"row": 1, "field": "weight", "rule": "is not a field of this model"},
        {"row": 1, "field": "size", "rule": "must be a number from 0 to 100 cm"},
    ]


def test_a_thousand_rows_are_answered_and_one_more_is_413(server: ServingProcess) -> None:
    assert len(server.predict({"instances": [EXAMPLE] * 1_000}).json["predictions"]) == 1_000
    assert_problem(server.predict({"instances": [EXAMPLE] * 1_001}), 413)


def test_a_body_of_the_most_bytes_is_answered_and_one_more_is_413(server: ServingProcess) -> None:
    body = b'{"size":0}'.ljust(MAX_BODY_BYTES)

    assert server.predict(body).status == 200
    assert_problem(server.predict(body + b" "), 413)
    assert server.get("/ping").status == 200


def test_a_chunked_body_is_answered_and_one_without_end_is_413(server: ServingProcess) -> None:
    chunks = [b'{"si', b'ze":0', b"}"]
    endless = (b" " * 100_000 for _ in range(MAX_BODY_BYTES // 100_000 + 1))

    assert server.send("POST", "/invocations", iter(chunks), JSON).json["predictions"] == [YES]
    assert_problem(server.send("POST", "/invocations", endless, JSON), 413)


def test_a_connection_is_kept_for_the_next_request_after_an_answer_and_after_a_refusal(
    server: ServingProcess,
) -> None:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=DEADLINE_SECONDS)
    connection.connect()
    first = connection.sock

    statuses = []
    for body in (b'{"size":0}', b"{", b" " * (MAX_BODY_BYTES + 1), b'{"size":0}'):
        connection.request("POST", "/invocations", body, JSON)
        statuses.append(read_reply(connection.getresponse()).status)

    assert statuses == [200, 400, 413, 200]
    assert connection.sock is first
    connection.close()


def test_a_client_that_waits_for_100_continue_gets_it_and_then_its_answer(server: ServingProcess) -> None:
    with server.connect() as connection:
        connection.sendall(request_head(10, expect=True))
        interim = connection.recv(1_000)
        connection.sendall(b'{"size":0}')
        reply = read_raw(connection)

    assert interim == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert reply.json["predictions"] == [YES]


def test_a_client_that_waits_with_too_large_a_body_is_refused_before_it_is_sent(
    server: ServingProcess,
) -> None:
    with server.connect() as connection:
        connection.sendall(request_head(MAX_BODY_BYTES + 1, expect=True))
        reply = read_raw(connection)

        assert_problem(reply, 413)
        assert reply.headers["connection"] == "close"
        assert connection.recv(1) == b""


def request_head(length: int, *, expect: bool = False) -> bytes:
    lines = [
        "POST /invocations HTTP/1.1",
        "host: model",
        "content-type: application/json",
        f"content-length: {length}",
    ]
    return "\r\n".join([*lines, *(["expect: 100-continue"] if expect else []), "", ""]).encode()


@pytest.mark.parametrize("path", ["/", "/ping/", "/invocations/x", "/metrics", "//ping", "/%2e%2e/ping"])
def test_any_other_path_is_404(server: ServingProcess, path: str) -> None:
    assert_problem(server.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/invocations", "POST"),
        ("PUT", "/invocations", "POST"),
        ("DELETE", "/ping", "GET, HEAD, POST"),
        ("OPTIONS", "/ping", "GET, HEAD, POST"),
    ],
)
def test_any_other_method_is_405_and_told_the_right_ones(
    server: ServingProcess, method: str, path: str, allowed: str
) -> None:
    reply = server.send(method, path)

    assert_problem(reply, 405)
    assert reply.headers["allow"] == allowed


def test_what_is_not_http_is_refused_in_the_same_shape(server: ServingProcess) -> None:
    with server.connect() as connection:
        connection.sendall(b"NOT HTTP\r\n\r\n")
        reply = read_raw(connection)

    assert_problem(reply, 400)
    assert server.get("/ping").status == 200


def test_no_refusal_shows_the_inside(server: ServingProcess) -> None:
    bodies = [b'{"size":"x"}', b'{"instances":1}', b"[]", b"{", b"\xff"]

    for body in bodies:
        text = server.predict(body).body.decode()
        assert not any(word in text for word in ("Traceback", ".py", "msgspec", "serving")), text
