"""Program of an execution environment: imports a handler and calls it, one event after the other.

Standard input has one JSON object a line: first the environment, then the events. Standard output has the
answers; what the handler prints goes to standard error, and a line ends the output of each event.
"""

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from local.emulator.functions.execution.file_system import FunctionFileSystem, as_full_disk

END_OF_OUTPUT = "\x00end of output"

Event = Mapping[str, Any]


class HandlerError(Exception):
    """The handler cannot be imported.

    Args:
        error_type: Lambda's name of the error.
        message: Lambda's message.
    """

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type


class InvocationContext:
    """The second argument of a handler.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html

    Args:
        event: The event's line.
    """

    def __init__(self, event: Event) -> None:
        self._deadline = time.monotonic() + float(event["seconds"])
        self.aws_request_id: str = event["request_id"]
        self.invoked_function_arn: str = event["arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None

    def get_remaining_time_in_millis(self) -> int:
        """Returns the milliseconds before the function's timeout."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def main() -> None:
    """Runs until standard input ends."""
    events, answers = _take_standard_streams()
    start = json.loads(events.readline())
    files = FunctionFileSystem(
        folder=Path(start["folder"]),
        code=Path(start["code"]),
        temporary=Path(start["temporary"]),
        storage_mb=start["storage_mb"],
    )
    _forget_the_emulator(start["path"])
    os.chdir(start["code"])
    _add_depth_header(start["depth_header"])
    files.enforce()
    try:
        handler = import_handler(os.environ["_HANDLER"])
    except Exception as error:
        _answer(answers, {"error": describe(error)})
        return
    _answer(answers, {"ready": True})
    for line in events:
        _answer(answers, _handle(handler, json.loads(line), files))


def import_handler(name: str) -> Callable[[Any, InvocationContext], Any]:
    """Imports a handler.

    Args:
        name: Module and function, such as package.module.handler.

    Raises:
        HandlerError: The module or its function is missing, or has wrong syntax.
    """
    module_name, _, function = name.rpartition(".")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise HandlerError("Runtime.ImportModuleError", message) from error
    except SyntaxError as error:
        message = f"Syntax error in module '{module_name}': {error}"
        raise HandlerError("Runtime.UserCodeSyntaxError", message) from error
    if not hasattr(module, function):
        message = f"Handler '{function}' missing on module '{module_name}'"
        raise HandlerError("Runtime.HandlerNotFound", message)
    handler: Callable[[Any, InvocationContext], Any] = getattr(module, function)
    return handler


def describe(error: BaseException, request_id: str = "") -> dict[str, Any]:
    """Returns the payload of a failed invocation, as Lambda's Python runtime writes it.

    https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
    """
    shown = as_full_disk(error)
    trace = [] if isinstance(error, HandlerError) else traceback.format_tb(error.__traceback__)
    return {
        "errorMessage": str(shown),
        "errorType": getattr(shown, "error_type", type(shown).__name__),
        "requestId": request_id,
        "stackTrace": trace,
    }


def _handle(
    handler: Callable[[Any, InvocationContext], Any], event: Event, files: FunctionFileSystem
) -> dict[str, Any]:
    for name, value in event["variables"].items():
        os.environ[name] = value
    try:
        result = handler(event["event"], InvocationContext(event))
        files.check_storage()
    except Exception as error:
        traceback.print_exc()
        return {"error": describe(error, event["request_id"])}
    try:
        return {"result": json.dumps(result, ensure_ascii=False)}
    except (TypeError, ValueError) as error:
        fault = HandlerError("Runtime.MarshalError", f"Unable to marshal response: {error}")
        return {"error": describe(fault, event["request_id"])}


def _take_standard_streams() -> tuple[TextIO, TextIO]:
    """Returns the streams of the protocol; the handler is left an empty input and the log as output."""
    events = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogatepass")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    return events, answers


def _forget_the_emulator(path: list[str]) -> None:
    """Removes the checkout from the import path, and the emulator's modules, which AWS does not have."""
    sys.path[0:1] = path
    for name in [name for name in sys.modules if name == "local" or name.startswith("local.")]:
        del sys.modules[name]


def _add_depth_header(header: str) -> None:
    """Lets calls of AWS carry the depth of recursion, by which Lambda finds loops."""
    try:
        from botocore.handlers import BUILTIN_HANDLERS
    except ImportError:
        return

    def add(params: dict[str, Any], **_: object) -> None:
        if depth := os.environ.get("_LAMBDA_DEPTH"):
            params["headers"].setdefault(header, depth)

    BUILTIN_HANDLERS.append(("before-call", add))


def _answer(answers: TextIO, answer: Mapping[str, Any]) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(2, f"{END_OF_OUTPUT}\n".encode())
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
