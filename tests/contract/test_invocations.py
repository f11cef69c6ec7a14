"""POST /invocations: predictions."""

import gzip
import json

import pytest

from tests.contract.support.process import ServingProcess, assert_problem
from tests.tiny_bundle import EXAMPLE

JSON = {"content-type": "application/json"}
CSV = {"content-type": "text/csv"}
YES = {"label": "yes", "probability": 0.5}


def test_one_instance_gets_its_prediction_and_the_model(server: ServingProcess) -> None:
    reply = server.predict(EXAMPLE)

    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert reply.json["predictions"] == [YES]
    assert reply.json["model"]["name"] == "tiny"


def test_many_instances_get_their_predictions_in_order(server: ServingProcess) -> None:
    reply = server.predict({"instances": [{"size": size} for size in (100, 0, 1)]})

    assert [row["probability"] for row in reply.json["predictions"]] == [
        1,
        0.5,
        pytest.approx(0.731059, abs=1e-6),
    ]


@pytest.mark.parametrize("media_type", ["application/jsonlines", "application/x-jsonlines"])
def test_json_lines_are_answered_with_json_lines(server: ServingProcess, media_type: str) -> None:
    headers = {
        "content-type": media_type,
        "accept": media_type,
        "x-amzn-sagemaker-custom-attributes": "trace-id=7f3a; on_error=skip",
    }

    reply = server.send("POST", "/invocations", b'{"size":0}\n{"sise":0}\n', headers)

    assert (reply.status, reply.headers["content-type"]) == (200, media_type)
    first, second = map(json.loads, reply.body.splitlines())
    assert first == YES
    assert "did you mean size" in second["errors"][0]["rule"]


@pytest.mark.parametrize("body", [EXAMPLE, {"instances": [EXAMPLE]}])
def test_a_byte_order_mark_before_json_is_ignored(server: ServingProcess, body: object) -> None:
    reply = server.send("POST", "/invocations", b"\xef\xbb\xbf" + json.dumps(body).encode(), JSON)

    assert reply.json["predictions"] == [YES]


def test_the_version_is_in_the_body_and_in_the_header_that_sagemaker_passes_on(
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
        (b'{"size":0}\n{"size":1}\n', {"content-type": "application/jsonlines"}),
        (b"[0]\n[1]", {"content-type": "application/x-jsonlines"}),
        (b'\xef\xbb\xbf{"values":[[0],[1]]}', JSON),
        (b"\xef\xbb\xbfsize\n0\n1", CSV),
    ],
    ids=["values", "data", "csv", "bare csv", "json lines", "arrays", "json with a mark", "csv with a mark"],
)
def test_every_other_shape_of_many_rows_is_predicted(
    server: ServingProcess, body: bytes, headers: dict[str, str]
) -> None:
    reply = server.send("POST", "/invocations", body, headers)

    assert [row["probability"] for row in reply.json["predictions"]] == [
        0.5,
        pytest.approx(0.731059, abs=1e-6),
    ]


def test_a_csv_body_gets_a_csv_response(server: ServingProcess) -> None:
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


def test_with_on_error_skip_invalid_rows_have_their_errors_in_their_place(server: ServingProcess) -> None:
    reply = server.send("POST", "/invocations?on_error=skip", b'{"values":[[0],[],[0]]}', JSON)

    wrong = {"field": "size", "rule": "is required and must be a number from 0 to 100 cm"}
    assert (reply.status, reply.json["predictions"]) == (200, [YES, {"errors": [wrong]}, YES])


def test_a_threshold_changes_the_labels_of_its_own_request_only(server: ServingProcess) -> None:
    high = server.send("POST", "/invocations?threshold=0.51", b'{"size":0}', JSON)

    assert high.json["predictions"] == [{"label": "no", "probability": 0.5}]
    assert server.predict({"size": 0}).json["predictions"] == [YES]


def test_custom_attributes_of_sagemaker_replace_the_query(server: ServingProcess) -> None:
    attributes = {"X-Amzn-SageMaker-Custom-Attributes": "on_error=skip&threshold=0.51"}

    reply = server.predict({"instances": [{}, {"size": 0}]}, **attributes)

    assert ["label" in row for row in reply.json["predictions"]] == [False, True]
    assert reply.json["predictions"][1]["label"] == "no"


@pytest.mark.parametrize("query", ["treshold=0.4", "threshold=2", "on_error=skip&on_error=skip", "%ff"])
def test_an_invalid_query_is_400_in_the_url_and_from_the_api(server: ServingProcess, query: str) -> None:
    in_url = server.send("POST", f"/invocations?{query}", b'{"size":0}', JSON)
    from_the_api = server.predict({"size": 0}, **{"X-Amzn-SageMaker-Custom-Attributes": f"&{query}"})

    assert assert_problem(in_url, 400) == assert_problem(from_the_api, 400)


@pytest.mark.parametrize("attributes", ["threshold=2", "on_error=skip&on_error=skip", "trace=1;threshold=x"])
def test_an_invalid_value_of_a_parameter_is_400_in_custom_attributes_too(
    server: ServingProcess, attributes: str
) -> None:
    reply = server.predict({"size": 0}, **{"X-Amzn-SageMaker-Custom-Attributes": attributes})

    assert_problem(reply, 400)


def test_an_accept_header_without_a_supported_media_type_is_406(server: ServingProcess) -> None:
    assert_problem(server.predict({"size": 0}, Accept="text/html"), 406)


def test_a_compressed_body_is_415_and_the_detail_asks_for_an_uncompressed_one(server: ServingProcess) -> None:
    reply = server.predict(gzip.compress(b'{"size":0}'), **{"Content-Encoding": "gzip"})

    assert "send it uncompressed" in assert_problem(reply, 415)["detail"]
    assert reply.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 422), (b'size\n"1', 400), (b"size\n\xff", 400), (b"sise,kind\n1,ant", 422), (b"x\n1", 422)],
    ids=["nothing", "open quote", "not UTF-8", "header", "cell"],
)
def test_malformed_csv_is_400_and_invalid_rows_in_csv_are_422(
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
