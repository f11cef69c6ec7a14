"""One execution environment, without the emulator around it."""

import errno
import json
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.emulator.functions.execution import execution_environment
from local.emulator.functions.execution.execution_environment import ExecutionEnvironment, Invocation
from tests.local.emulator.functions.function_zip import function_zip

WAITS = """
import os, socket
def handler(event, context):
    with socket.create_connection(("127.0.0.1", {port})) as connection:
        assert connection.recv(2) == b"go"
    return os.getpid()
"""


@pytest.fixture
def environments(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("GATEWAY_PORT", "1")
    made = []

    def make(source: str, *, init_seconds: float = 60.0, **config: Any) -> ExecutionEnvironment:
        settings = {
            "FunctionName": "any",
            "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:any",
            "Handler": "index.handler",
            "Runtime": "python3.14",
            "Timeout": 60,
            "MemorySize": 256,
        }
        environment = ExecutionEnvironment(
            "any", settings | config, function_zip(source), init_seconds=init_seconds
        )
        made.append(environment)
        return environment

    yield make
    for environment in made:
        environment.kill()


def call(environment: ExecutionEnvironment, event: Any = None) -> Any:
    return json.loads(environment.invoke(Invocation(event, "one")).payload)


def test_an_init_phase_over_its_limit_is_repeated_within_the_timeout(environments: Any) -> None:
    # No interpreter starts within this limit.
    environment = environments("def handler(event, context):\n    return 'second init'", init_seconds=0.001)

    assert call(environment) == "second init"


def test_an_init_phase_over_the_timeout_is_a_timeout(environments: Any) -> None:
    environment = environments("import threading\nthreading.Event().wait()", init_seconds=0.2, Timeout=1)

    assert call(environment)["errorMessage"] == "RequestId: one Error: Task timed out after 1.00 seconds"


def test_the_process_is_kept_between_calls(environments: Any) -> None:
    environment = environments("import os\ndef handler(event, context):\n    return os.getpid()")

    assert call(environment) == call(environment)


def test_an_environment_whose_process_was_killed_starts_anew_and_keeps_nothing_open(
    environments: Any,
) -> None:
    environment = environments("import os\ndef handler(event, context):\n    return os.environ['TMPDIR']")
    temporary = Path(call(environment))
    host, _, port = environment._extensions.address.partition(":")
    environment._proc.kill()
    environment._proc.wait()

    assert Path(call(environment)) != temporary

    assert not temporary.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))


def test_a_function_that_cannot_start_on_a_full_disk_answers_and_starts_when_there_is_room(
    environments: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = environments("def handler(event, context):\n    return 'well'")

    def unpack_nothing(_archive: bytes, folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))

    with monkeypatch.context() as patch:
        patch.setattr(execution_environment, "unpack", unpack_nothing)
        error = call(environment)

    assert error["errorType"] == "ServiceException"
    assert "AWS on this machine cannot run the function: [Errno 28] No space left" in error["errorMessage"]
    assert call(environment) == "well"


def test_memory_that_was_freed_again_counts(environments: Any) -> None:
    source = """
def handler(event, context):
    held = bytearray(b"x") * (event * 1024 * 1024)
    del held
"""
    environment = environments(source)

    assert call(environment, 10) is None
    assert call(environment, 300)["errorType"] == "Runtime.OutOfMemory"


def test_a_killed_environment_leaves_no_file(environments: Any) -> None:
    environment = environments("import os\ndef handler(event, context):\n    return os.environ['TMPDIR']")
    temporary = Path(call(environment))
    assert temporary.is_dir()

    environment.kill()

    assert not temporary.parent.exists()


def test_a_call_in_progress_is_completed_when_its_environment_is_replaced(environments: Any) -> None:
    # Given a call that waits for the test
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as pool:
        environment = environments(WAITS.format(port=server.getsockname()[1]))
        environment.in_use = True
        answer = pool.submit(call, environment)
        connection, _ = server.accept()

        # When its environment is replaced meanwhile
        environment.retire()
        with connection:
            connection.sendall(b"go")

        # Then it answers, and its process ends
        process_id = answer.result()
    environment.kill()
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)


def test_the_remaining_time_of_a_call_is_that_of_its_timeout(environments: Any) -> None:
    source = "def handler(event, context):\n    return context.get_remaining_time_in_millis()"

    assert 0 < call(environments(source, Timeout=60)) <= 60_000


def test_a_response_that_is_not_json_is_an_error(environments: Any) -> None:
    error = call(environments("def handler(event, context):\n    return {1, 2}"))

    assert error["errorType"] == "Runtime.MarshalError"
    assert error["errorMessage"].startswith("Unable to marshal response: ")


@pytest.mark.parametrize(
    ("source", "error_type", "message"),
    [
        ("def other(): pass", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'index'"),
        ("import absent", "Runtime.ImportModuleError", "Unable to import module 'index': No module named"),
        ("def", "Runtime.UserCodeSyntaxError", "Syntax error in module 'index': invalid syntax"),
        ("raise ValueError('at import')", "ValueError", "at import"),
    ],
)
def test_a_handler_that_cannot_be_imported_is_described(
    environments: Any, source: str, error_type: str, message: str
) -> None:
    error = call(environments(source))

    assert error["errorType"] == error_type
    assert error["errorMessage"].startswith(message)
