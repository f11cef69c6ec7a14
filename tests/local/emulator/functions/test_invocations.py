"""Limits of functions in a running emulator, by the Lambda API."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local.local_aws import LocalAws
from tests.local.emulator.functions.function_zip import create_function

MEGABYTE = 1024 * 1024


class FunctionFailedError(Exception):
    """A function error, with its payload."""


@pytest.fixture
def name(aws: LocalAws, bucket: str) -> Iterator[str]:
    yield bucket
    aws.client("lambda").delete_function(FunctionName=bucket)


def invoke(aws: LocalAws, name: str, event: Any = None, **parameters: Any) -> Any:
    payload = json.dumps(event).encode()
    response = aws.client("lambda").invoke(FunctionName=name, Payload=payload, **parameters)
    result = json.loads(response["Payload"].read())
    if "FunctionError" in response:
        raise FunctionFailedError(result)
    return result


def failure(aws: LocalAws, name: str, event: Any = None) -> dict[str, Any]:
    with pytest.raises(FunctionFailedError) as raised:
        invoke(aws, name, event)
    error: dict[str, Any] = raised.value.args[0]
    return error


def refusal(aws: LocalAws, operation: str, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as raised:
        getattr(aws.client("lambda"), operation)(**parameters)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_function_that_exceeds_its_timeout_is_killed(aws: LocalAws, name: str) -> None:
    source = """
import os, threading
def handler(event, context):
    if event == "pid":
        return os.getpid()
    threading.Event().wait()
"""
    create_function(aws, name, source, Timeout=1)
    first = invoke(aws, name, "pid")

    error = failure(aws, name)

    assert error["errorType"] == "Sandbox.Timedout"
    assert error["errorMessage"].startswith("RequestId: ")
    assert error["errorMessage"].endswith(" Error: Task timed out after 1.00 seconds")
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    assert invoke(aws, name, "pid") != first


def test_a_function_that_exceeds_its_memory_is_killed(aws: LocalAws, name: str) -> None:
    source = f"""
def handler(event, context):
    held = bytearray(b"x") * (event * {MEGABYTE})
    return len(held)
"""
    create_function(aws, name, source, MemorySize=128)
    assert invoke(aws, name, 10) == 10 * MEGABYTE

    error = failure(aws, name, 200)

    assert error["errorType"] == "Runtime.OutOfMemory"
    assert error["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")


def test_a_response_over_6_mb_is_an_error(aws: LocalAws, name: str) -> None:
    create_function(aws, name, "def handler(event, context):\n    return 'x' * event")
    largest = 6 * MEGABYTE + 100 - len('""')
    assert len(invoke(aws, name, largest)) == largest

    assert failure(aws, name, largest + 1) == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }


def test_a_request_over_6_mb_is_refused(aws: LocalAws, name: str) -> None:
    create_function(aws, name, "def handler(event, context):\n    return len(event)")
    largest = b'"' + b"x" * (6 * MEGABYTE - 2) + b'"'
    invoked = aws.client("lambda").invoke(FunctionName=name, Payload=largest)
    assert json.loads(invoked["Payload"].read()) == 6 * MEGABYTE - 2

    assert refusal(aws, "invoke", FunctionName=name, Payload=largest + b" ") == (
        "RequestEntityTooLargeException",
        "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
    )
    assert refusal(aws, "invoke", FunctionName=name, InvocationType="Event", Payload=largest)[1] == (
        "6291456 byte payload is too large for the Event invocation type (limit 1048576 bytes)"
    )


def test_a_payload_that_is_not_json_is_refused(aws: LocalAws, name: str) -> None:
    create_function(aws, name, "def handler(event, context):\n    return event")

    code, message = refusal(aws, "invoke", FunctionName=name, Payload=b"{")

    assert code == "InvalidRequestContentException"
    assert message.startswith("Could not parse request body into json")


def test_only_tmp_is_writable(aws: LocalAws, name: str) -> None:
    source = """
import os, tempfile
def handler(event, context):
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, "file"), "w").write("content")
    open(os.path.join(os.environ["LAMBDA_TASK_ROOT"], event), "w")
"""
    create_function(aws, name, source)

    error = failure(aws, name, "new.txt")

    assert error["errorType"] == "OSError"
    assert error["errorMessage"].startswith("[Errno 30] Read-only file system: ")


def test_tmp_is_as_large_as_configured(aws: LocalAws, name: str) -> None:
    source = f"""
import tempfile
def handler(event, context):
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(event * {MEGABYTE})
    return "written"
"""
    create_function(aws, name, source, EphemeralStorage={"Size": 600})
    assert invoke(aws, name, 599) == "written"

    error = failure(aws, name, 601)

    assert error["errorType"] == "OSError"
    assert error["errorMessage"].startswith("[Errno 28] No space left on device")


def test_code_that_only_its_owner_can_read_is_not_imported(aws: LocalAws, name: str) -> None:
    create_function(aws, name, "def handler(event, context): return 1", mode=0o600)

    error = failure(aws, name)

    assert error["errorType"] == "PermissionError"
    assert error["errorMessage"].startswith("[Errno 13] Permission denied: ")
    assert error["errorMessage"].endswith("/index.py'")


@pytest.mark.parametrize("qualifier", ["$LATEST", "1"], ids=["unpublished", "version"])
def test_a_function_at_its_reserved_concurrency_is_throttled(
    aws: LocalAws, name: str, monkeypatch: pytest.MonkeyPatch, qualifier: str
) -> None:
    # botocore would wait between its attempts.
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    create_function(aws, name, "def handler(event, context): return 1")
    client = aws.client("lambda")
    client.publish_version(FunctionName=name)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)

    with pytest.raises(client.exceptions.TooManyRequestsException) as raised:
        client.invoke(FunctionName=name, Qualifier=qualifier)

    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert raised.value.response["Error"]["Message"] == "Rate Exceeded."
    assert raised.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_a_reservation_must_leave_concurrency_for_other_functions(aws: LocalAws, name: str) -> None:
    create_function(aws, name, "def handler(event, context): return 1")

    assert refusal(aws, "put_function_concurrency", FunctionName=name, ReservedConcurrentExecutions=901) == (
        "InvalidParameterValueException",
        (
            "Specified ReservedConcurrentExecutions for function decreases account's "
            "UnreservedConcurrentExecution below its minimum value of [100]."
        ),
    )


def test_an_exception_of_the_handler_is_described_as_by_lambdas_python(aws: LocalAws, name: str) -> None:
    create_function(aws, name, "def handler(event, context):\n    raise KeyError(context.aws_request_id)")

    error = failure(aws, name)

    assert error["errorType"] == "KeyError"
    assert error["errorMessage"] == f"'{error['requestId']}'"
    assert "raise KeyError" in error["stackTrace"][-1]


def test_a_process_that_exits_is_reported_and_replaced(aws: LocalAws, name: str) -> None:
    create_function(aws, name, "import os\ndef handler(event, context):\n    return event or os._exit(3)")

    error = failure(aws, name)

    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")
    assert invoke(aws, name, "again") == "again"


def test_a_module_that_is_missing_is_reported_as_by_lambdas_python(aws: LocalAws, name: str) -> None:
    create_function(aws, name, "import local.local_aws")

    error = failure(aws, name)

    assert error["errorType"] == "Runtime.ImportModuleError"
    assert error["errorMessage"] == "Unable to import module 'index': No module named 'local'"


def test_a_function_sees_no_variable_of_the_emulator(aws: LocalAws, name: str) -> None:
    create_function(aws, name, "import os\ndef handler(event, context):\n    return dict(os.environ)")

    variables = invoke(aws, name)

    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == name
    assert variables["AWS_ENDPOINT_URL"] == aws.url
    assert not {"GATEWAY_PORT", "STATE_DIR", "AUTH"} & variables.keys()


def test_what_a_function_prints_is_in_the_log_of_its_call(aws: LocalAws, name: str) -> None:
    source = "print('init')\ndef handler(event, context):\n    print('call', event)"
    create_function(aws, name, source)

    for number in (1, 2):
        invoke(aws, name, number)

    logs = aws.client("logs")
    streams = logs.describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]
    texts = sorted(
        "".join(
            event["message"] + " "
            for event in logs.get_log_events(
                logGroupName=f"/aws/lambda/{name}", logStreamName=stream["logStreamName"]
            )["events"]
        )
        for stream in streams
    )
    assert ["init call 1" in text for text in texts].count(True) == 1
    assert ["call 2" in text and "init" not in text for text in texts].count(True) == 1


def test_ministack_has_the_internal_hooks_of_functions() -> None:
    """The hooks are internal; this test fails if a new version of MiniStack moves them."""
    for hook in ("handle_request", "_execute_function_warm", "_throttle_response"):
        assert callable(getattr(lambda_svc, hook))
    for hook in ("_worker_class_for", "acquire_worker", "release_worker", "execution_credentials"):
        assert callable(getattr(lambda_runtime, hook))
