"""The function under awslambdaric, Lambda's runtime client, with events from an emulated runtime API."""

import base64
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bundle import Bundle, interface_of
from serving.predict.predictor import Predictor
from tests.lambda_runtime import LambdaRuntime, lambda_runtime
from tests.serving.lambda_function.object_store import URL, ObjectStore
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.usefixtures("serving_packages")

PYTHON = ROOT / ".venv-serving" / "bin" / "python"
# The command of stacks/hosting/functions/model_function.py.
COMMAND = [str(PYTHON), "-m", "awslambdaric", "serving.lambda_handler.handler"]


@dataclass(frozen=True, kw_only=True)
class Function:
    """A running function: its runtime API and its process."""

    runtime: LambdaRuntime
    process: "subprocess.Popen[bytes]"

    def answer(self, event: Any) -> Any:
        """Returns the response to an event that causes no function error."""
        kind, answer = self.runtime.invoke(event)
        assert kind == "response", answer
        return answer

    def ask(self, body: bytes) -> tuple[int, Any]:
        """Returns status and document of the response to the API's invoker."""
        answer = self.answer({"body": base64.b64encode(body).decode(), "content_type": "application/json"})
        return answer["status"], json.loads(base64.b64decode(answer["body"]))

    def ask_well(self) -> Any:
        """Returns the document of the response to a valid row."""
        status, document = self.ask(json.dumps(EXAMPLE).encode())
        assert status == 200, document
        return document


@contextmanager
def running(store: ObjectStore, log: Path, **more: str) -> Iterator[Function]:
    with lambda_runtime() as runtime, log.open("wb") as output:
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_RUNTIME_API": runtime.address,
            "AWS_LAMBDA_FUNCTION_NAME": "Function",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "2048",
            "MODEL_DATA_URL": URL,
            **store.environment,
        }
        process = subprocess.Popen(
            COMMAND, cwd=ROOT, env=environment | more, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield Function(runtime=runtime, process=process)
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def tiny(store: ObjectStore, tmp_path: Path) -> Bundle:
    """The bundle in the S3 object."""
    bundle = write_tiny_bundle(tmp_path / "tiny.tar.gz")
    store.body = (tmp_path / "tiny.tar.gz").read_bytes()
    return bundle


@pytest.fixture
def function(store: ObjectStore, tiny: Bundle, tmp_path: Path) -> Iterator[Function]:
    assert tiny.digest
    with running(store, tmp_path / "log") as function:
        yield function


def test_every_event_is_answered(function: Function, tiny: Bundle) -> None:
    expected = json.loads(Predictor(tiny).answer(json.dumps(EXAMPLE).encode()))

    assert [function.ask_well() for _ in range(50)] == [expected] * 50


def test_a_direct_invocation_is_answered(function: Function, tiny: Bundle) -> None:
    assert function.answer(EXAMPLE) == json.loads(Predictor(tiny).answer(json.dumps(EXAMPLE).encode()))


def test_an_invalid_row_gets_a_response_and_not_a_function_error(function: Function) -> None:
    status, problem = function.ask(b'{"size":101}')

    assert (status, problem["status"]) == (422, 422)
    assert problem["errors"] == [{"row": 0, "field": "size", "rule": "must be a number from 0 to 100 cm"}]


@pytest.mark.parametrize("event", [b"no json", b"", b"[", b"\xff"])
def test_an_event_that_is_not_json_is_a_function_error(function: Function, event: bytes) -> None:
    kind, content = function.runtime.invoke_raw(event)

    assert (kind, content["errorType"]) == ("error", "Runtime.UnmarshalError")
    assert function.ask_well()


@pytest.mark.parametrize(
    "event",
    [
        *(None, [], "text", 5, {}, {"body": "e30="}),
        *({"body": 5, "content_type": 6}, {"body": "", "content_type": "", "query": 5}),
        {"body": "no base64!", "content_type": "application/json"},
        {"body": "\u00e9", "content_type": "application/json"},
    ],
    ids=str,
)
def test_an_unexpected_event_gets_a_problem_document(function: Function, event: Any) -> None:
    answer = function.answer(event)

    assert 400 <= answer["status"] < 500
    assert function.ask_well()


def test_a_function_without_a_bundle_reports_an_init_error(store: ObjectStore, tmp_path: Path) -> None:
    with running(store, tmp_path / "log") as function:
        kind, content = function.runtime.next_result()
        function.process.wait(60)

    assert (kind, content["errorType"]) == ("init/error", "ModelDataError")
    assert content["errorMessage"] == (
        f"The bundle {URL} cannot be read: access is denied, or there is no such object "
        "(S3 answers 403 AccessDenied)."
    )
    assert function.process.returncode != 0


def ask_until(function: Function, condition: Callable[[Any], bool]) -> Any:
    """Sends rows, each of which waits up to PATIENCE_SECONDS for a reload, until a condition holds."""
    for _ in range(60):
        if condition(answer := function.ask_well()):
            return answer
    raise AssertionError("no reload within 60 requests")


def logged(log: Path) -> list[tuple[str, str]]:
    """Returns event and function of each line of JSON in a log."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [(line["event"], line["FunctionName"]) for line in lines]


def test_a_replaced_bundle_is_served_and_an_invalid_one_is_logged(
    store: ObjectStore, tiny: Bundle, tmp_path: Path
) -> None:
    settings = {"RELOAD_SECONDS": "0", "RELOAD_URL": URL, "MODEL_INTERFACE": interface_of(tiny.manifest)}
    with running(store, tmp_path / "log", **settings) as function:
        assert function.ask_well()["model"]["version"] == tiny.manifest.version
        changed = write_tiny_bundle(tmp_path / "changed.tar.gz", weight=2.0)
        store.body = (tmp_path / "changed.tar.gz").read_bytes()
        ask_until(function, lambda answer: answer["model"]["version"] == changed.manifest.version)
        store.body = b"no bundle"
        answer = ask_until(function, lambda _: len(logged(tmp_path / "log")) > 1)
        assert answer["model"]["version"] == changed.manifest.version

    assert logged(tmp_path / "log")[:2] == [
        ("bundle reloaded", "Function"),
        ("bundle not reloaded", "Function"),
    ]
