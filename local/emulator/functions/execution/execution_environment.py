"""Execution environment of a function: its files and its process, kept between calls."""

import json
import logging
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import Popen
from typing import Any, NamedTuple

from ministack.core import lambda_runtime

from local.emulator.functions.execution.code_folder import unpack, unpack_layers
from local.emulator.functions.execution.extensions_api import ExtensionsApi
from local.emulator.functions.execution.failures import InvocationError, not_run
from local.emulator.functions.execution.function_process import FunctionProcess
from local.emulator.functions.execution.runtime_variables import runtime_variables
from local.emulator.functions.quotas import DEFAULT_STORAGE_MB, INIT_SECONDS, SHUTDOWN_SECONDS

logger = logging.getLogger(__name__)


class Invocation(NamedTuple):
    """One call of a function.

    Attributes:
        event: The payload.
        request_id: Its id.
        arn: ARN that the caller used.
        variables: Environment variables that change with each call.
    """

    event: Any
    request_id: str
    arn: str = ""
    variables: Mapping[str, str] = {}


class InvocationResult(NamedTuple):
    """Response of a function to one call, or its error.

    Attributes:
        payload: The response as JSON, or the description of the error.
        log: What the function printed.
        has_failed: Whether the payload is an error.
    """

    payload: str
    log: str
    has_failed: bool = False


class ExecutionEnvironment:
    """One process of a function, with the attributes by which MiniStack keeps it in its pool of workers.

    https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html

    Args:
        _name: Name of the function.
        config: Its configuration.
        archive: Its zip.
        init_seconds: Time limit of the init phase.
    """

    def __init__(
        self, _name: str, config: dict[str, Any], archive: bytes, *, init_seconds: float = INIT_SECONDS
    ) -> None:
        self.config = config
        self.in_use = False
        self.last_used = time.time()
        self._archive = archive
        self._init_seconds = init_seconds
        self._timeout_seconds = float(config["Timeout"])
        self._lock = threading.Lock()
        self._cold = True
        self._is_retired = False
        self._folder: Path | None = None
        self._process: FunctionProcess | None = None
        self._extensions: ExtensionsApi | None = None
        self._init_log = ""

    @property
    def _proc(self) -> Popen[str] | None:
        """The process, which MiniStack ends when it removes the environment from its pool."""
        return self._process.popen if self._process else None

    @_proc.setter
    def _proc(self, _ended: None) -> None:
        self._process = None

    def invoke(
        self, invocation: Invocation, *, started: Callable[[], None] = lambda: None
    ) -> InvocationResult:
        """Calls the handler once; starts the process first if it does not run.

        Args:
            invocation: The call.
            started: Called when the process runs.
        """
        with self._lock:
            try:
                process = self._running_process()
                started()
                self._begin_call(invocation)
                message = {**invocation._asdict(), "seconds": self._timeout_seconds}
                answer = process.exchange(message, seconds=self._timeout_seconds)
                log = self._take_init_log() + process.take_log()
            except InvocationError as error:
                return InvocationResult(error.payload(invocation.request_id), self._end(), has_failed=True)
            except Exception as error:
                # Callers that wait for the function, such as CloudFormation, must get an answer.
                logger.exception("Function %s cannot be run.", self.config["FunctionName"])
                payload = not_run(error).payload(invocation.request_id)
                return InvocationResult(payload, self._end(), has_failed=True)
            finally:
                if self._is_retired:
                    self._end()
        if "error" in answer:
            return InvocationResult(json.dumps(answer["error"]), log, has_failed=True)
        return InvocationResult(answer["result"], log)

    def kill(self) -> None:
        """Kills the process and deletes its files."""
        with self._lock:
            self._end()

    def retire(self) -> None:
        """Kills the process when the call in progress has ended; Lambda completes calls of replaced code.

        https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
        """
        self._is_retired = True
        if self.in_use:
            threading.Thread(target=self.kill, daemon=True).start()
        else:
            self.kill()

    def _begin_call(self, invocation: Invocation) -> None:
        if self._extensions:
            event = {
                "requestId": invocation.request_id,
                "deadlineMs": int((time.time() + self._timeout_seconds) * 1000),
                "invokedFunctionArn": invocation.arn,
            }
            self._extensions.begin_call(event, seconds=self._timeout_seconds)

    def _running_process(self) -> FunctionProcess:
        if not self._process or not self._process.is_running:
            self._spawn()
        if not self._process:
            raise RuntimeError(f"Function {self.config['FunctionName']} has no process.")
        return self._process

    def _spawn(self) -> None:
        """Starts the process; an init phase that takes too long is repeated within the function's timeout.

        Raises:
            InvocationError: The handler cannot be imported, or not within the limits.
        """
        # A process that has ended between two calls leaves its files and the server of its extensions.
        self._end()
        try:
            self._init(self._init_seconds)
        except InvocationError as error:
            if not error.is_late:
                raise
            self._end()
            self._init(self._timeout_seconds)

    def _init(self, seconds: float) -> None:
        self._discard_tmpdir()
        self._folder = folder = Path(tempfile.mkdtemp(prefix="ministack-lambda-"))
        code, layers, temporary = folder / "task", folder / "opt", folder / "tmp"
        temporary.mkdir()
        unpack_layers(self.config, layers)
        unpack(self._archive, code)
        self._extensions = ExtensionsApi()
        variables = runtime_variables(self.config, code=code, temporary=temporary)
        variables["AWS_LAMBDA_RUNTIME_API"] = self._extensions.address
        self._process = FunctionProcess(variables, memory_mb=int(self.config["MemorySize"]))
        storage_mb = (self.config.get("EphemeralStorage") or {}).get("Size", DEFAULT_STORAGE_MB)
        start = {
            "folder": str(folder),
            "code": str(code),
            "temporary": str(temporary),
            "storage_mb": storage_mb,
            "depth_header": lambda_runtime.INVOKE_DEPTH_HEADER,
            "path": [str(code), *_layer_packages(layers)],
        }
        answer = self._process.exchange(start, seconds=seconds)
        if "error" in answer:
            raise InvocationError(answer["error"])
        self._init_log = self._process.take_log()
        self._cold = False

    def _end(self) -> str:
        """Ends the process, deletes its files and returns the rest of its log.

        A process with an internal extension gets SIGTERM and time to end itself:
        https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown
        """
        log = self._take_init_log()
        process, self._process = self._process, None
        extensions, self._extensions = self._extensions, None
        if process:
            if extensions and extensions.has_extensions and process.is_running:
                extensions.await_extensions(seconds=SHUTDOWN_SECONDS)
                process.terminate(seconds=SHUTDOWN_SECONDS)
            process.kill()
            log += process.take_log()
        if extensions:
            extensions.close()
        self._discard_tmpdir()
        return log

    def _take_init_log(self) -> str:
        log, self._init_log = self._init_log, ""
        return log

    def _discard_tmpdir(self) -> None:
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def _layer_packages(layers: Path) -> list[str]:
    """Returns the folders of layers that Python imports from.

    https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return [str(layers / "python"), str(layers / "python" / "lib" / version / "site-packages")]
