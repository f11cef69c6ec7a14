"""Invocations: their payload limits, and Lambda's execution environments in place of MiniStack's workers."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.responses import error_response_json
from ministack.services import lambda_svc

from local.emulator.functions.execution.environment_queue import EnvironmentQueue
from local.emulator.functions.execution.execution_environment import ExecutionEnvironment, Invocation
from local.emulator.functions.execution.failures import response_too_large
from local.emulator.functions.quotas import MAX_EVENT_BYTES, MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES

_PYTHON = "python"
_PATH_END = "/invocations"
_ASYNCHRONOUS = "event"

LambdaResult = tuple[int, dict[str, str], bytes]


def check_payload(body: bytes, *, is_asynchronous: bool) -> LambdaResult | None:
    """Returns Lambda's refusal of a payload, None for one that it accepts.

    https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html

    Args:
        body: The payload as sent.
        is_asynchronous: Whether the invocation type is Event.
    """
    size = len(body)
    if is_asynchronous and size > MAX_EVENT_BYTES:
        message = (
            f"{size} byte payload is too large for the Event invocation type (limit {MAX_EVENT_BYTES} bytes)"
        )
        return _refusal("RequestEntityTooLargeException", message, 413)
    if size > MAX_REQUEST_BYTES:
        message = f"Request must be smaller than {MAX_REQUEST_BYTES} bytes for the InvokeFunction operation"
        return _refusal("RequestEntityTooLargeException", message, 413)
    try:
        json.loads(body or b"{}")
    except ValueError as error:
        message = f"Could not parse request body into json: Could not parse payload into json: {error}"
        return _refusal("InvalidRequestContentException", message, 400)
    return None


def install() -> None:
    """Replaces MiniStack's executor for Python, and adds the limits of payloads to its Invoke operation."""
    lambda_svc.handle_request = _with_payload_limit(lambda_svc.handle_request)
    lambda_svc._execute_function_warm = _with_environments(lambda_svc._execute_function_warm)
    lambda_svc._throttle_response = _throttled
    lambda_runtime._worker_class_for = _with_own_class(lambda_runtime._worker_class_for)
    lambda_runtime.kill_workers = _with_retirement(lambda_runtime.kill_workers)


def _with_payload_limit(handle: Callable[..., Any]) -> Callable[..., Any]:
    async def handle_small(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Any:
        if method == "POST" and path.endswith(_PATH_END):
            kind = headers.get("x-amz-invocation-type", "")
            if refusal := check_payload(body, is_asynchronous=kind.lower() == _ASYNCHRONOUS):
                return refusal
        return await handle(method, path, headers, body, query)

    return handle_small


def _with_environments(execute: Callable[..., Any]) -> Callable[..., Any]:
    queues: dict[str, EnvironmentQueue[ExecutionEnvironment]] = {}

    def execute_python(function: dict[str, Any], event: Any, request_id: str) -> Any:
        config = function.get("config") or function
        archive = function.get("code_zip")
        if not archive or not _is_ours(config):
            return execute(function, event, request_id)
        version = config.get("Version", "$LATEST")
        name = config["FunctionName"]
        queue = queues.setdefault(lambda_runtime._worker_key(name, config, version), EnvironmentQueue())
        environment = queue.lease(
            lambda most: lambda_runtime.acquire_worker(
                name, config, archive, qualifier=version, max_concurrency=most
            )
        )
        try:
            return _run(environment, config, event, request_id, started=lambda: queue.started(environment))
        finally:
            lambda_runtime.release_worker(environment)
            queue.released(environment)

    return execute_python


def _with_own_class(select: Callable[..., Any]) -> Callable[..., Any]:
    return lambda config: ExecutionEnvironment if _is_ours(config) else select(config)


def _with_retirement(kill: Callable[..., None]) -> Callable[..., None]:
    """Lets the calls in progress end before their environments do."""

    def kill_idle(workers: Iterable[Any]) -> None:
        found = list(workers)
        for environment in found:
            if isinstance(environment, ExecutionEnvironment):
                environment.retire()
        kill([worker for worker in found if not isinstance(worker, ExecutionEnvironment)])

    return kill_idle


def _is_ours(config: Mapping[str, Any]) -> bool:
    # A durable function needs variables that only MiniStack's worker sets.
    return str(config.get("Runtime")).startswith(_PYTHON) and not config.get("DurableConfig")


def _run(
    environment: ExecutionEnvironment,
    config: dict[str, Any],
    event: Any,
    request_id: str,
    *,
    started: Callable[[], None],
) -> dict[str, Any]:
    variables = {
        "_X_AMZN_TRACE_ID": lambda_svc._xray_trace_id_for_invocation(config) or "",
        "_LAMBDA_DEPTH": str(lambda_svc._invoke_depth.get() or ""),
    }
    invocation = Invocation(event, request_id, config.get("FunctionArn", ""), variables)
    result = environment.invoke(invocation, started=started)
    payload, has_failed = result.payload, result.has_failed
    if len(payload.encode(errors="replace")) > MAX_RESPONSE_BYTES:
        payload, has_failed = response_too_large(), True
    return {"body": json.loads(payload), "log": result.log, **({"error": True} if has_failed else {})}


def _throttled(reason_code: str, msg: str, retry_after: int = 1) -> dict[str, Any]:  # noqa: ARG001 - MiniStack's
    """Returns MiniStack's throttle result with Lambda's message.

    https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
    """
    body = {
        "__type": "TooManyRequestsException",
        "Type": "User",
        "message": "Rate Exceeded.",
        "Reason": reason_code,
        "retryAfterSeconds": str(retry_after),
    }
    return {"throttle": True, "error": True, "body": body, "log": ""}


def _refusal(code: str, message: str, status: int) -> LambdaResult:
    refused: LambdaResult = error_response_json(code, message, status)
    return refused
