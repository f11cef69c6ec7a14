"""Lambda handler of a model: responses, and what it writes about them."""

import base64
import json
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from bundle import MAX_BODY_BYTES, Bundle
from local.local_aws import LocalAws
from serving.predict.predictor import Predictor
from tests.reference import REFERENCE
from tests.serving.bundles import write_square_bundle
from tests.serving.lambda_function.handler.cold_starts import BUCKET, ColdStart, ask, invoke, upload
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle


def test_a_row_gets_the_response_of_the_server(function: ModuleType, tiny: Bundle) -> None:
    body = json.dumps(EXAMPLE).encode()

    answer = ask(function, body)

    assert answer == (200, "application/json", json.loads(Predictor(tiny).answer(body)))


def test_query_and_accept_have_the_effect_of_the_server(function: ModuleType) -> None:
    answer = invoke(
        function,
        b"0\n101\n",
        content_type="text/csv; header=absent",
        accept="text/csv",
        query="on_error=skip&threshold=0.6",
    )

    assert answer == (
        200,
        "text/csv; charset=utf-8",
        b"label,probability,error\r\nno,0.5,\r\n,,size must be a number from 0 to 100 cm\r\n",
    )


def test_a_row_gets_the_warnings_and_reasons_of_the_server(
    aws: LocalAws, cold_start: ColdStart, tmp_path: Path
) -> None:
    bundle = write_tiny_bundle(tmp_path / "tiny.tar.gz", reference=REFERENCE)
    function = cold_start(upload(aws, "reference.tar.gz", (tmp_path / "tiny.tar.gz").read_bytes()))
    body, predictor = b'{"size":11,"kind":"wasp"}', Predictor(bundle)
    asked = predictor.parameters.read({b"content-type": b"application/json"}, b"reasons=2")

    answer = ask(function, body, query="&reasons=2")

    assert answer == (200, "application/json", json.loads(predictor.answer(body, asked)))
    assert {"warnings", "reasons", "baseline"} <= answer[2]["predictions"][0].keys()
    assert ask(function, body, query="&strict=true")[0] == 422


def test_a_response_has_the_model_version(function: ModuleType, tiny: Bundle) -> None:
    assert function.handler({"body": "", "content_type": ""}, None)["model_version"] == tiny.manifest.version


@pytest.mark.parametrize(
    ("body", "words", "status"),
    [
        (b"{", {}, 400),
        (b'{"size":0}', {"query": "on_eror=skip"}, 400),
        (b'{"size":0}', {"query": "\u20ac"}, 400),
        (b'{"size":0}', {"accept": "text/html"}, 406),
        (b"{}", {"content_type": "text/xml"}, 415),
        (b"{}", {"content_type": "text/\u20ac"}, 415),
        (b" " * (MAX_BODY_BYTES + 1), {}, 413),
        (b'{"size":101}', {}, 422),
    ],
)
def test_a_wrong_request_gets_the_problem_document_of_the_server(
    function: ModuleType, body: bytes, words: dict[str, str], status: int
) -> None:
    found, media_type, document = ask(function, body, **words)

    assert (found, media_type, document["status"]) == (status, "application/problem+json", status)
    assert ("errors" in document) == (status == 422)


@pytest.mark.parametrize(
    "event", [EXAMPLE, {"instances": [EXAMPLE]}, {"values": [[0.0, None, "2024-02-29", "17:45", "ant"]]}]
)
def test_a_direct_invocation_has_json_as_event_and_response(
    function: ModuleType, tiny: Bundle, event: dict[str, Any]
) -> None:
    answer = json.loads(json.dumps(function.handler(event, None)))

    assert answer == json.loads(Predictor(tiny).answer(json.dumps(event).encode()))


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ({}, 422),
        ({"size": 101}, 422),
        ([], 400),
        ("", 400),
        (None, 400),
        ({"size": "x" * MAX_BODY_BYTES}, 413),
    ],
)
def test_a_wrong_direct_invocation_gets_a_problem(function: ModuleType, event: Any, status: int) -> None:
    answer = json.loads(json.dumps(function.handler(event, None)))

    assert (answer["type"], answer["status"]) == ("about:blank", status)
    assert answer["detail"]


def test_an_event_whose_body_is_no_base64_is_a_bad_request(function: ModuleType) -> None:
    answer = function.handler({"body": "\u20ac", "content_type": "application/json"}, None)

    problem = json.loads(base64.b64decode(answer["body"]))
    assert (answer["status"], problem["status"]) == (400, 400)
    assert problem["detail"].startswith("The event's body is not base64")


def test_a_guarded_function_writes_which_requests_it_refuses(
    aws: LocalAws,
    cold_start: ColdStart,
    tiny: Bundle,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert tiny.digest
    url = upload(aws, "counted.tar.gz", (tmp_path / "tiny.tar.gz").read_bytes())
    lambda_variables = {"AWS_LAMBDA_FUNCTION_NAME": "model", "AWS_LAMBDA_FUNCTION_VERSION": "7"}
    function = cold_start(url, COUNT_REFUSALS="true", **lambda_variables)

    refused = invoke(function, b'{"size":-1}')[0]

    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert refused == 422
    assert (line["RequestsRefused"], line["FunctionVersion"]) == ([1], "7")


def test_a_model_error_is_an_error_of_the_function(
    aws: LocalAws, cold_start: ColdStart, tmp_path: Path
) -> None:
    write_square_bundle(tmp_path / "square.tar.gz")
    function = cold_start(upload(aws, "square.tar.gz", (tmp_path / "square.tar.gz").read_bytes()))
    message = "^The model failed on this request; its log says why.$"

    # Lambda counts what a function raises, and not what it answers.
    with pytest.raises(function.ModelFailedError, match=message) as raised:
        ask(function, b'{"side":1e30}')
    with pytest.raises(function.ModelFailedError, match=message):
        function.handler({"side": 1e30}, None)

    assert raised.value.__suppress_context__


def test_answers_are_captured_with_the_ids_of_their_requests(
    aws: LocalAws, cold_start: ColdStart, tiny: Bundle, tmp_path: Path
) -> None:
    assert tiny.digest
    function = cold_start(
        upload(aws, "tiny.tar.gz", (tmp_path / "tiny.tar.gz").read_bytes()),
        CAPTURE_PERCENT="100",
        CAPTURE_URL=f"s3://{BUCKET}/captured",
        CAPTURE_VARIANT="primary",
        AWS_LAMBDA_FUNCTION_NAME="model",
    )
    body = base64.b64encode(b'{"instances":[{"size":11}]}').decode()
    refused = base64.b64encode(b"{").decode()

    function.handler(
        {"body": refused, "content_type": "application/json", "id": "refused"}, InvocationContext("1")
    )
    function.handler(
        {"body": body, "content_type": "application/json", "id": "of-api"}, InvocationContext("2")
    )

    [record] = captured_records(aws, "captured/model/primary/")
    assert record["eventMetadata"]["inferenceId"] == "of-api"
    assert record["captureData"]["endpointInput"]["data"] == '{"instances":[{"size":11}]}'
    assert "predictions" in json.loads(record["captureData"]["endpointOutput"]["data"])


class InvocationContext(NamedTuple):
    """The attribute of Lambda's context that the handler reads."""

    aws_request_id: str


def captured_records(aws: LocalAws, prefix: str) -> list[dict[str, Any]]:
    s3 = aws.client("s3")
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]]
    bodies = [s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys]
    return [json.loads(line) for body in bodies for line in body.splitlines()]
