"""Ends of executions and tasks before their time: StopExecution, and TimeoutSeconds of both.

Waits and the pauses before retries last their seconds divided by the speed of time. Tasks are real work, so
their time limits are real seconds.

https://docs.aws.amazon.com/step-functions/latest/dg/sfn-stuck-execution.html
"""

import contextvars
import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ministack.services import stepfunctions

_TIMED_OUT = "States.Timeout"


class InterruptedTaskError(BaseException):
    """The execution or the task in progress has ended; no state may catch it."""


class Interruption:
    """Is set when an execution or one of its tasks shall end; then those that it has started shall end too.

    Args:
        parent: What it is a part of.
    """

    def __init__(self, parent: "Interruption | None" = None) -> None:
        self._event = threading.Event()
        self._parts: list[Interruption] = []
        if parent is not None:
            parent._parts.append(self)
            if parent.is_set():
                self.set()

    def is_set(self) -> bool:
        """Whether the execution has been interrupted."""
        return self._event.is_set()

    def set(self) -> None:
        """Ends it."""
        self._event.set()
        for part in tuple(self._parts):
            part.set()

    def wait(self, seconds: float) -> None:
        """Waits.

        Raises:
            InterruptedTaskError: It is set meanwhile.
        """
        if self._event.wait(seconds):
            raise InterruptedTaskError


# Of the execution or the task in this context, and of each execution.
_current: contextvars.ContextVar[Interruption | None] = contextvars.ContextVar("interruption", default=None)
_running: dict[str, Interruption] = {}


def current_interruption() -> Interruption:
    """Returns that of the task in progress; one that is never set outside of executions."""
    return _current.get() or Interruption()


def install(*, speed: float) -> None:
    """Puts interruptions into MiniStack's executions.

    Args:
        speed: How many seconds of AWS pass in one second of this machine.
    """
    stepfunctions._scaled_sleep = lambda seconds: current_interruption().wait(max(seconds, 0) / speed)
    stepfunctions._run_execution = _interruptible(stepfunctions._run_execution)
    stepfunctions._invoke_resource = _unless_interrupted(stepfunctions._invoke_resource)
    stepfunctions._invoke_resource_with_timeout = _invoke_until
    stepfunctions._stop_execution = _with_interruption(stepfunctions._stop_execution)
    stepfunctions._fail_execution = _while_running(stepfunctions._fail_execution)


def _interruptible(run: Callable[[str], None]) -> Callable[[str], None]:
    def run_until_interrupted(execution_arn: str) -> None:
        execution = stepfunctions._executions[execution_arn]
        parent = _current.get()
        own = _running[execution_arn] = Interruption(parent)
        token = _current.set(own)
        timer = _timer(execution, own)
        try:
            run(execution_arn)
        except InterruptedTaskError:
            # An execution that another one waits for is stopped with that one.
            if parent is not None and parent.is_set() and execution["status"] == "RUNNING":
                stepfunctions._stop_execution({"executionArn": execution_arn})
        finally:
            timer.cancel()
            if _running.get(execution_arn) is own:
                del _running[execution_arn]
            _current.reset(token)

    return run_until_interrupted


def _timer(execution: dict[str, Any], interruption: Interruption) -> threading.Timer:
    """Starts to measure the time of an execution, if its state machine has TimeoutSeconds."""
    machine = stepfunctions._state_machines.get(execution["stateMachineArn"]) or {}
    seconds = json.loads(machine.get("definition", "{}")).get("TimeoutSeconds")

    def time_out() -> None:
        # An execution that was stopped may have been redriven, which has a time limit of its own.
        if execution["status"] != "RUNNING" or interruption.is_set():
            return
        end = {"error": _TIMED_OUT, "cause": f"Execution timed out after {seconds} seconds"}
        execution.update(status="TIMED_OUT", stopDate=stepfunctions.now_iso(), **end)
        stepfunctions._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": end})
        stepfunctions._emit_execution_status_event(execution)
        interruption.set()

    timer = threading.Timer(float(seconds or 0), contextvars.copy_context().run, args=(time_out,))
    timer.daemon = True
    if seconds:
        timer.start()
    return timer


def _invoke_until(resource: str, data: Any, seconds: float) -> Any:
    """Runs a task, and raises States.Timeout when it runs longer; a job that it waits for is stopped."""
    task = Interruption(_current.get())
    context = contextvars.copy_context()
    context.run(_current.set, task)
    pool = ThreadPoolExecutor(max_workers=1)
    future = pool.submit(context.run, stepfunctions._invoke_resource, resource, data)
    pool.shutdown(wait=False)
    try:
        return future.result(timeout=seconds)
    except TimeoutError:
        task.set()
        raise stepfunctions._ExecutionError(_TIMED_OUT, f"Task timed out after {seconds} seconds") from None


def _unless_interrupted(invoke: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    def invoke_unless_interrupted(resource: str, data: Any) -> Any:
        # The children of a Map whose execution has been stopped begin nothing.
        if current_interruption().is_set():
            raise InterruptedTaskError
        # A function cannot be stopped; its end is dropped, because the execution may have been redriven.
        try:
            result = invoke(resource, data)
        except Exception:
            if current_interruption().is_set():
                raise InterruptedTaskError from None
            raise
        if current_interruption().is_set():
            raise InterruptedTaskError
        return result

    return invoke_unless_interrupted


def _with_interruption(stop: Callable[[Mapping[str, Any]], Any]) -> Callable[[Mapping[str, Any]], Any]:
    def stop_and_interrupt(request: Mapping[str, Any]) -> Any:
        answer = stop(request)
        if interruption := _running.get(str(request.get("executionArn"))):
            interruption.set()
        return answer

    return stop_and_interrupt


def _while_running(fail: Callable[..., None]) -> Callable[..., None]:
    def fail_if_running(execution: Mapping[str, Any], error: str, cause: str) -> None:
        # A task that was in progress when the execution was stopped may fail later, after a redrive too.
        if execution["status"] == "RUNNING" and not current_interruption().is_set():
            fail(execution, error, cause)

    return fail_if_running
