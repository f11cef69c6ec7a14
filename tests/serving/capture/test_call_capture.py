"""Capture of a function's calls, in an environment with Lambda's Extensions API."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from local.emulator.functions.execution.execution_environment import ExecutionEnvironment, Invocation
from serving.capture.call_capture import CallCapture
from serving.capture.capture_buffer import CaptureBuffer
from tests.local.emulator.functions.function_zip import function_zip
from tests.serving.capture.stored_calls import FOLDER, FakeS3, call_of

# A function that captures into a file instead of S3.
CAPTURES = """
import os, sys
sys.path.insert(0, {root!r})
from datetime import UTC, datetime
from serving.capture.call_capture import CallCapture
from serving.capture.capture_buffer import CaptureBuffer
from serving.capture.record import CapturedRequest

class File:
    def write(self, url, body, *, media_type, seconds):
        with open({path!r}, "ab") as file:
            file.write(body)

capture = CallCapture(CaptureBuffer("s3://bucket/folder", File(), function="any"), percent=100)
capture.start_extension(os.environ["AWS_LAMBDA_RUNTIME_API"])

def handler(event, context):
    try:
        capture.add(CapturedRequest(b"1", "text/csv", b"2", "text/csv", event, datetime.now(UTC)))
        return os.path.exists({path!r})
    finally:
        capture.end_call(context.aws_request_id)
"""
ROOT = Path(__file__).parents[3]


@pytest.fixture
def captured(tmp_path: Path) -> Path:
    return tmp_path / "captured.jsonl"


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch, captured: Path) -> Iterator[ExecutionEnvironment]:
    monkeypatch.setenv("GATEWAY_PORT", "1")
    config = {
        "FunctionName": "any",
        "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:any",
        "Handler": "index.handler",
        "Runtime": "python3.14",
        "Timeout": 60,
        "MemorySize": 512,
    }
    source = CAPTURES.format(root=str(ROOT), path=str(captured))
    environment = ExecutionEnvironment("any", config, function_zip(source), init_seconds=60)
    yield environment
    environment.kill()


def call(environment: ExecutionEnvironment, id: str) -> Any:
    return json.loads(environment.invoke(Invocation(id, f"lambda-{id}")).payload)


def ids(path: Path) -> list[str]:
    return [json.loads(line)["eventMetadata"]["inferenceId"] for line in path.read_text().splitlines()]


def test_a_call_is_written_after_its_response_and_the_last_ones_at_the_end(
    function: ExecutionEnvironment, captured: Path
) -> None:
    # The second call starts when the extension has done its work for the first one.
    assert [call(function, name) for name in ("1", "2", "3")] == [False, True, True]
    assert ids(captured) == ["1"]

    function.kill()

    assert ids(captured) == ["1", "2", "3"]


def test_without_an_extension_a_call_that_is_due_is_written_before_its_response(
    capsys: pytest.CaptureFixture[str],
) -> None:
    s3 = FakeS3()
    capture = CallCapture(CaptureBuffer(FOLDER, cast("Any", s3), function="model"), percent=100)
    capture.start_extension("127.0.0.1:1")
    capture.add(call_of("1"))
    capture.end_call("lambda-1")

    assert s3.ids == [["1"]]
    assert "because it is no extension: Lambda does not answer" in capsys.readouterr().out


def test_the_sample_has_the_percentage() -> None:
    draws = iter([0.0, 0.099, 0.1, 0.5])
    capture = CallCapture(cast("Any", None), percent=10, draw=lambda: next(draws))

    assert [capture.is_sampled() for _ in range(4)] == [True, True, False, False]


def test_nothing_is_captured_unless_set() -> None:
    assert CallCapture.start({"AWS_LAMBDA_FUNCTION_NAME": "model"}) is None
