"""POST /invocations: predictions, and refusals in one shape."""

import gzip
import http.client
from typing import Any

import pytest

from bundle import MAX_BODY_BYTES, MAX_ROWS
from tests.contract.process import DEADLINE_SECONDS, HOST, Reply, ServingProcess, read_raw, read_reply
from tests.tiny_bundle import EXAMPLE

JSON = {"content-type": "application/json"}
CSV = {"content-type": "text/csv"}
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


def test_an_answer_says_which_version_made_it_and_in_the_header_that_sagemaker_passes_on(
    server: ServingProcess,
) -> None:
    reply = server.predict(EXAMPLE)

    version = reply.json["model"]["version"]
    assert reply.headers["x-model-version"] == version
    assert reply.headers["x-amzn-sagemaker-custom-attributes"] == f"model_version={version}"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"values":[[0],[1]]}', JSON),
        (b'{"data":"size\\n0\\n1"}', JSON),
        (b"size,kind\r\n0,ant\r\n1,\r\n", CSV),
        (b"0\n1\n", {"content-type": "text/csv; charset=utf-8; header=absent"}),
    ],
    ids=["values", "data", "csv", "bare csv"],
)
def test_every_other_shape_of_many_rows_is_answered_too(
    server: ServingProcess, body: bytes, headers: dict[str, str]
) -> None:
    reply = server.send("POST", "/invocations", body, headers)

    assert [row["probability"] for row in reply.json["predictions"]] == [
        0.5,
        pytest.approx(0.731059, abs=1e-6),
    ]


def test_csv_in_and_csv_out(server: ServingProcess) -> None:
    body = b"size\r\n0\r\n101\r\n"
    accept = CSV | {"accept": "text/csv"}

    reply = server.send("POST", "/invocations?on_error=skip&probabilities=true", body, accept)

    assert (reply.status, reply.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert reply.headers["x-model-version"]
    assert reply.body == (
        b"label,probability,probability_no,probability_yes,error\r\n"
        b"yes,0.5,0.5,0.5,\r\n"
        b",,,,size must be a number from 0 to 100 cm\r\n"
    )


def test_wrong_rows_are_skipped_when_asked_and_stand_in_their_places(server: ServingProcess) -> None:
    reply = server.send("POST", "/invocations?on_error=skip", b'{"values":[[0],[],[0]]}', JSON)

    wrong = {"field": "size", "rule": "is required and must be a number from 0 to 100 cm"}
    assert (reply.status, reply.json["predictions"]) == (200, [YES, {"errors": [wrong]}, YES])


def test_a_threshold_moves_the_label_of_its_request_only(server: ServingProcess) -> None:
    high = server.send("POST", "/invocations?threshold=0.51", b'{"size":0}', JSON)

    assert high.json["predictions"] == [{"label": "no", "probability": 0.5}]
    assert server.predict({"size": 0}).json["predictions"] == [YES]


def test_the_query_may_come_in_the_header_that_sagemaker_passes_on(server: ServingProcess) -> None:
    attributes = {"X-Amzn-SageMaker-Custom-Attributes": "on_error=skip&threshold=0.51"}

    reply = server.predict({"instances": [{}, {"size": 0}]}, **attributes)

    assert ["label" in row for row in reply.json["predictions"]] == [False, True]
    assert reply.json["predictions"][1]["label"] == "no"


@pytest.mark.parametrize("query", ["treshold=0.4", "threshold=2", "on_error=skip&on_error=skip", "%ff"])
def test_a_wrong_query_is_400_wherever_it_comes_from(server: ServingProcess, query: str) -> None:
    in_url = server.send("POST", f"/invocations?{query}", b'{"size":0}', JSON)
    in_header = server.predict({"size": 0}, **{"X-Amzn-SageMaker-Custom-Attributes": query})

    assert assert_problem(in_url, 400) == assert_problem(in_header, 400)


def test_an_answer_that_cannot_be_written_as_wanted_is_406(server: ServingProcess) -> None:
    assert_problem(server.predict({"size": 0}, Accept="text/html"), 406)


def test_a_compressed_body_is_415_and_told_to_come_uncompressed(server: ServingProcess) -> None:
    reply = server.predict(gzip.compress(b'{"size":0}'), **{"Content-Encoding": "gzip"})

    assert "send it uncompressed" in assert_problem(reply, 415)["detail"]
    assert reply.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 422), (b'size\n"1', 400), (b"size\n\xff", 400), (b"sise,kind\n1,ant", 422), (b"x\n1", 422)],
    ids=["nothing", "open quote", "not UTF-8", "header", "cell"],
)
def test_a_csv_that_is_none_is_400_and_wrong_rows_in_it_are_422(
    server: ServingProcess, body: bytes, status: int
) -> None:
    assert_problem(server.send("POST", "/invocations", body, CSV), status)


def test_a_charset_and_the_headers_that_sagemaker_adds_are_accepted(server: ServingProcess) -> None:
    reply = server.send(
        "POST",
        "/invocations",
        b'{"size":0}',
        {
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "*/*",
            "X-Amzn-SageMaker-Custom-Attributes": "",
            "X-Amzn-SageMaker-Inference-Id": "id",
            "X-Amzn-SageMaker-Target-Variant": "primary",
        },
    )

    assert reply.status == 200


def test_another_content_type_is_415(server: ServingProcess) -> None:
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
def test_what_is_no_json_object_is_400(server: ServingProcess, body: bytes) -> None:
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
def test_rows_that_the_model_does_not_take_are_422(server: ServingProcess, body: bytes) -> None:
    assert_problem(server.predict(body), 422)
    assert server.get("/ping").status == 200


def test_wrong_values_are_named_by_row_field_and_rule(server: ServingProcess) -> None:
    reply = server.predict({"instances": [EXAMPLE, {"size": 101, "kinds": 1}]})

    assert assert_problem(reply, 422)["errors"] == [
        {"row": 1, "field": "kinds", "rule": "is not a field of this model: did you mean kind?"},
        {"row": 1, "field": "size", "rule": "must be a number from 0 to 100 cm"},
    ]


def test_a_thousand_rows_are_answered_and_one_more_is_413(server: ServingProcess) -> None:
    assert len(server.predict({"instances": [EXAMPLE] * MAX_ROWS}).json["predictions"]) == MAX_ROWS

    document = assert_problem(server.predict({"instances": [EXAMPLE] * (MAX_ROWS + 1)}), 413)

    assert "1,000 rows and 1,048,576 bytes" in document["detail"]


def test_a_body_of_the_most_bytes_is_answered_and_one_more_is_413(server: ServingProcess) -> None:
    body = b'{"size":0}'.ljust(MAX_BODY_BYTES)

    assert server.predict(body).status == 200
    document = assert_problem(server.predict(body + b" "), 413)
    assert "1,000 rows and 1,048,576 bytes" in document["detail"]
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
