"""HTTP: sizes, chunked bodies, connections, request targets, methods and malformed heads."""

import http.client

import pytest

from bundle import MAX_BODY_BYTES, MAX_ROWS
from tests.contract.support.process import (
    HANG_SECONDS,
    HOST,
    ServingProcess,
    assert_problem,
    read_raw,
    read_reply,
)
from tests.tiny_bundle import EXAMPLE

JSON = {"content-type": "application/json"}
CSV = {"content-type": "text/csv"}
YES = {"label": "yes", "probability": 0.5}


def test_the_most_rows_are_predicted_and_one_more_is_413(server: ServingProcess) -> None:
    assert len(server.predict({"instances": [EXAMPLE] * MAX_ROWS}).json["predictions"]) == MAX_ROWS

    document = assert_problem(server.predict({"instances": [EXAMPLE] * (MAX_ROWS + 1)}), 413)

    assert "1,000 rows and 1,048,576 bytes" in document["detail"]


def test_a_body_of_the_most_bytes_is_predicted_and_one_more_is_413(server: ServingProcess) -> None:
    body = b'{"size":0}'.ljust(MAX_BODY_BYTES)

    assert server.predict(body).status == 200
    document = assert_problem(server.predict(body + b" "), 413)
    assert "1,000 rows and 1,048,576 bytes" in document["detail"]
    assert server.get("/ping").status == 200


def test_a_chunked_body_is_predicted_and_one_over_the_limit_is_413(server: ServingProcess) -> None:
    chunks = [b'{"si', b'ze":0', b"}"]
    endless = (b" " * 100_000 for _ in range(MAX_BODY_BYTES // 100_000 + 1))

    assert server.send("POST", "/invocations", iter(chunks), JSON).json["predictions"] == [YES]
    assert_problem(server.send("POST", "/invocations", endless, JSON), 413)


def test_a_connection_stays_open_after_a_prediction_and_after_a_refusal(
    server: ServingProcess,
) -> None:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=HANG_SECONDS)
    connection.connect()
    first = connection.sock

    statuses = []
    for body in (b'{"size":0}', b"{", b" " * (MAX_BODY_BYTES + 1), b'{"size":0}'):
        connection.request("POST", "/invocations", body, JSON)
        statuses.append(read_reply(connection.getresponse()).status)

    assert statuses == [200, 400, 413, 200]
    assert connection.sock is first
    connection.close()


def test_a_client_that_waits_for_100_continue_gets_it_and_then_its_response(server: ServingProcess) -> None:
    with server.connect() as connection:
        connection.sendall(request_head(10, expect=True))
        interim = connection.recv(1_000)
        connection.sendall(b'{"size":0}')
        reply = read_raw(connection)

    assert interim == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert reply.json["predictions"] == [YES]


def test_too_large_a_body_announced_with_100_continue_is_413_before_it_is_sent(
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


@pytest.mark.parametrize("path", ["/", "/ping/", "/invocations/x", "/models", "//ping", "/%2e%2e/ping"])
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
def test_any_other_method_is_405_with_the_allowed_ones(
    server: ServingProcess, method: str, path: str, allowed: str
) -> None:
    reply = server.send(method, path)

    assert_problem(reply, 405)
    assert reply.headers["allow"] == allowed


def test_bytes_that_are_not_http_are_400_with_a_problem_document(server: ServingProcess) -> None:
    with server.connect() as connection:
        connection.sendall(b"NOT HTTP\r\n\r\n")
        reply = read_raw(connection)

    assert_problem(reply, 400)
    assert server.get("/ping").status == 200


def raw_request(target: str = "/invocations", *lines: str, body: bytes = b'{"size":0}') -> bytes:
    head = [f"POST {target} HTTP/1.1", "content-type: application/json", *lines, "", ""]
    return "\r\n".join(head).encode() + body


SIZED = "content-length: 10"
CHUNKED_BODY = b'a\r\n{"size":0}\r\n0\r\n\r\n'


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        (["host: model"], 200),
        (["host: model:8080"], 200),
        ([], 400),
        (["host: model", "host: model"], 400),
        (["Host: model", "HOST: other"], 400),
        (["host: two words"], 400),
    ],
    ids=["one", "port", "none", "twice", "two", "invalid"],
)
def test_a_request_has_exactly_one_valid_host(server: ServingProcess, hosts: list[str], status: int) -> None:
    with server.connect() as connection:
        connection.sendall(raw_request("/invocations", *hosts, SIZED))
        reply = read_raw(connection)

    assert reply.status == status
    if status != 200:
        assert_problem(reply, status)


@pytest.mark.parametrize(
    ("target", "label"),
    [
        ("http://model/invocations", "yes"),
        ("HTTPS://model:8443/invocations?threshold=0.51", "no"),
    ],
)
def test_a_target_in_absolute_form_is_routed_by_its_path_and_query(
    server: ServingProcess, target: str, label: str
) -> None:
    with server.connect() as connection:
        connection.sendall(raw_request(target, "host: other", SIZED))
        reply = read_raw(connection)

    assert (reply.status, reply.json["predictions"][0]["label"]) == (200, label)


@pytest.mark.parametrize(
    ("codings", "status"),
    [
        (["transfer-encoding: chunked"], 200),
        (["Transfer-Encoding: Chunked"], 200),
        (["transfer-encoding: gzip, chunked"], 501),
        (["transfer-encoding: gzip", "transfer-encoding: chunked"], 501),
        (["transfer-encoding: gzip"], 400),
        (["transfer-encoding: chunked, chunked"], 400),
        (["transfer-encoding: chunked", SIZED], 400),
    ],
    ids=["chunked", "capital", "gzip first", "two lines", "gzip", "twice", "two lengths"],
)
def test_chunked_is_the_only_transfer_coding(server: ServingProcess, codings: list[str], status: int) -> None:
    with server.connect() as connection:
        connection.sendall(raw_request("/invocations", "host: x", *codings, body=CHUNKED_BODY))
        reply = read_raw(connection)

    assert reply.status == status
    if status != 200:
        assert_problem(reply, status)
