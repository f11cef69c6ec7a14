"""Lambda handler of a model: cold starts with an emulated S3, and responses."""

import base64
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from bundle import MAX_BODY_BYTES, Bundle, Golden, interface_of
from local.local_aws import ACCESS_KEY_ID, SECRET_ACCESS_KEY, LocalAws
from local.processes import lifecycle
from serving.lambda_function.model_data import ModelDataError
from serving.predict.onnx_model import ModelError
from serving.predict.predictor import Predictor
from tests.inherited_environ import inherited_environ
from tests.reference import REFERENCE
from tests.serving.bundles import write_square_bundle
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle

BUCKET = "artifacts"

ColdStart = Callable[..., ModuleType]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """Local AWS, for its S3."""
    wanted = LocalAws(port=0, state=tmp_path_factory.mktemp("aws"))
    found = lifecycle.up(wanted, environ=inherited_environ())
    found.client("s3").create_bucket(Bucket=BUCKET)
    yield found
    lifecycle.down(wanted)


@pytest.fixture
def cold_start(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> ColdStart:
    """Returns a function that imports the handler, as a cold start does, with MODEL_DATA_URL set."""

    def start(url: str, **more: str) -> ModuleType:
        environment = {
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "NO_PROXY": "127.0.0.1",
            "MODEL_DATA_URL": url,
            **more,
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        sys.modules.pop("serving.lambda_handler", None)
        return importlib.import_module("serving.lambda_handler")

    return start


def upload(aws: LocalAws, key: str, content: bytes) -> str:
    aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content)
    return f"s3://{BUCKET}/{key}"


@pytest.fixture
def tiny(tmp_path: Path) -> Bundle:
    return write_tiny_bundle(tmp_path / "tiny.tar.gz")


@pytest.fixture
def function(aws: LocalAws, cold_start: ColdStart, tiny: Bundle, tmp_path: Path) -> ModuleType:
    """The handler with the tiny bundle."""
    assert tiny.digest
    return cold_start(upload(aws, "tiny.tar.gz", (tmp_path / "tiny.tar.gz").read_bytes()))


def invoke(function: ModuleType, body: bytes, **words: str) -> tuple[int, str, bytes]:
    event = {"body": base64.b64encode(body).decode(), "content_type": "application/json"} | words
    # Lambda passes event and response as JSON.
    reply = json.loads(json.dumps(function.handler(json.loads(json.dumps(event)), None)))
    assert set(reply) == {"status", "content_type", "body", "model_version"}
    assert len(reply["model_version"]) == 12
    return reply["status"], reply["content_type"], base64.b64decode(reply["body"])


def ask(function: ModuleType, body: bytes, **words: str) -> tuple[int, str, dict[str, Any]]:
    status, content_type, answer = invoke(function, body, **words)
    return status, content_type, json.loads(answer)


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


def test_a_reloading_function_serves_the_bundle_of_the_object(
    aws: LocalAws,
    cold_start: ColdStart,
    tiny: Bundle,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given requests that wait for a reload to end, however slow the machine is
    monkeypatch.setattr("serving.lambda_function.reload.PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr("serving.lambda_function.reload._START_SECONDS", 60.0)
    deployed = (tmp_path / "tiny.tar.gz").read_bytes()
    followed = upload(aws, "followed.tar.gz", deployed)
    function = cold_start(
        upload(aws, "tiny.tar.gz", deployed),
        RELOAD_SECONDS="0",
        RELOAD_URL=followed,
        MODEL_INTERFACE=interface_of(tiny.manifest),
    )
    versions = []
    for weight in (1.0, 2.0):
        changed = write_tiny_bundle(tmp_path / "changed.tar.gz", weight=weight)
        upload(aws, "followed.tar.gz", (tmp_path / "changed.tar.gz").read_bytes())
        versions += [function.handler(EXAMPLE, None)["model"]["version"], changed.manifest.version]
    upload(aws, "followed.tar.gz", b"no bundle")
    versions += [function.handler(EXAMPLE, None)["model"]["version"]]
    aws.client("s3").delete_object(Bucket=BUCKET, Key="followed.tar.gz")
    versions += [function.handler(EXAMPLE, None)["model"]["version"]]

    assert versions[0] == versions[1] == tiny.manifest.version
    assert len({*versions[2:]}) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == ["bundle reloaded", *["bundle not reloaded"] * 2]


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


@pytest.mark.parametrize("url", ["", "https://artifacts/model.tar.gz", "s3://", "s3://artifacts"])
def test_a_function_without_an_s3_uri_does_not_start(cold_start: ColdStart, url: str) -> None:
    with pytest.raises(ModelDataError, match="it must be s3://bucket/key"):
        cold_start(url)


def test_a_function_whose_object_is_missing_does_not_start(cold_start: ColdStart) -> None:
    with pytest.raises(ModelDataError, match=r"The bundle s3://artifacts/gone cannot be read: .*NoSuchKey"):
        cold_start(f"s3://{BUCKET}/gone")


def test_a_function_with_an_invalid_bundle_does_not_start(aws: LocalAws, cold_start: ColdStart) -> None:
    url = upload(aws, "none", b"no archive")

    with pytest.raises(ModelDataError, match="The bundle s3://artifacts/none cannot be served: ") as raised:
        cold_start(url)

    assert "\n" not in str(raised.value)


def test_a_function_with_a_wrong_golden_row_does_not_start(
    aws: LocalAws, cold_start: ColdStart, tmp_path: Path
) -> None:
    golden = (Golden(instance=EXAMPLE, prediction={"label": "yes", "probability": 0.9}),)
    write_tiny_bundle(tmp_path / "wrong.tar.gz", golden=golden)
    url = upload(aws, "wrong.tar.gz", (tmp_path / "wrong.tar.gz").read_bytes())

    with pytest.raises(ModelError, match="golden row"):
        cold_start(url)


def test_the_server_does_not_import_the_packages_of_the_function() -> None:
    code = "import serving.__main__, sys; print({'boto3', 'botocore', 'awslambdaric'} & sys.modules.keys())"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"


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
