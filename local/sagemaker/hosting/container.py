"""Serving process of an endpoint: start, health check, restart and stop."""

import contextlib
import logging
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

from local.local_aws import LOOPBACK_ADDRESS, ROOT
from local.processes.listener import free_port
from local.processes.log_file import last_lines
from local.sagemaker.capture.data_capture import DataCapture
from local.sagemaker.hosting.container_client import send_request
from local.sagemaker.hosting.errors import (
    ContainerConnectionError,
    ContainerDownError,
    ContainerError,
    ContainerTimeoutError,
)
from local.sagemaker.hosting.model_cache import ModelCache

logger = logging.getLogger(__name__)

# SageMaker's limits: 2 s for /ping, 60 s for an invocation, 30 s from SIGTERM to SIGKILL.
# https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
PING_SECONDS = 2.0
INVOCATION_SECONDS = 60.0
CONTAINER_STOP_SECONDS = 30.0

_POLL_SECONDS = 0.05
# The delay of restarts doubles from the first to the longest; a run of the healthy time resets it.
_FIRST_RESTART_DELAY_SECONDS = 0.2
_LONGEST_RESTART_DELAY_SECONDS = 30.0
_HEALTHY_SECONDS = 10.0


class Container:
    """A serving process for one unpacked model, or several, on its own port of the loopback address.

    Args:
        command: The serving command; address and model folder are in its environment.
        folder: Its SAGEMAKER_BASE_DIR, which contains model/; the log file is beside it.
        environment: Its environment, without the variables for the address and the model folder.
        descriptors: Open files that it inherits, to hold their lock until it ends.
        models: The loaded models of a multi-model container.

    Attributes:
        models: The loaded models of a multi-model container, or None.
        log_file: The file with the output of the process.
        capture: Captures its requests and responses; None without data capture.
    """

    capture: DataCapture | None = None

    def __init__(
        self,
        *,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        descriptors: Sequence[int] = (),
        models: ModelCache | None = None,
    ) -> None:
        self.models = models
        self._command = list(command)
        self._folder = folder
        self._environment = environment
        self._descriptors = descriptors
        self.log_file = folder.with_suffix(".log")
        self._state = threading.Condition()
        self._closing = threading.Event()
        self._leases = 0
        self._ready = False
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, timeout: float) -> None:
        """Starts the process, waits until /ping responds with 200, and restarts it when it dies later.

        Args:
            timeout: Seconds until it must be healthy: ContainerStartupHealthCheckTimeoutInSeconds.

        Raises:
            ContainerError: It ended or was not healthy in time.
        """
        process = self._spawn()
        try:
            self._await_healthy(process, timeout)
        except ContainerError:
            _end(process, 0.0)
            raise
        threading.Thread(target=self._restart_on_exit, args=(process, timeout), daemon=True).start()

    @contextlib.contextmanager
    def lease(self) -> Iterator[int]:
        """Yields the port for one invocation; stop() waits until the invocation has ended.

        Raises:
            ContainerDownError: The process crashed and is being restarted, or it is stopped.
        """
        with self._state:
            if not self._ready:
                raise ContainerDownError
            self._leases += 1
            # A restart assigns another port, which must not change this invocation's.
            port = self._port
        try:
            yield port
        finally:
            with self._state:
                self._leases -= 1
                self._state.notify_all()

    def stop(self, *, drain: float = INVOCATION_SECONDS) -> None:
        """Waits for running invocations, ends the process as SageMaker does, and removes the model folder.

        Args:
            drain: Seconds that running invocations may take.
        """
        with self._state:
            self._state.wait_for(lambda: self._leases == 0, drain)
            self._ready = False
            self._closing.set()
        if self._process:
            _end(self._process, CONTAINER_STOP_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _spawn(self) -> "subprocess.Popen[bytes]":
        port = free_port()
        environment = {
            **self._environment,
            "SAGEMAKER_BASE_DIR": str(self._folder),
            "SAGEMAKER_BIND_TO_PORT": str(port),
            "SERVING_HOST": LOOPBACK_ADDRESS,
        }
        with self._state, self.log_file.open("ab") as log:
            if self._closing.is_set():
                raise ContainerError("The endpoint was stopped before its serving process started.")
            self._port = port
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=self._descriptors,
            )
        return self._process

    def _await_healthy(self, process: "subprocess.Popen[bytes]", timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(_POLL_SECONDS)
                raise ContainerError(f"The serving process ended with exit code {code}. {self._log_end()}")
            if all(_is_ok(self._port, path) for path in self._probes):
                with self._state:
                    self._ready = not self._closing.is_set()
                return
        passed = " and ".join(self._probes)
        raise ContainerError(f"The serving process did not pass {passed} in {timeout:g} s. {self._log_end()}")

    @property
    def _probes(self) -> Sequence[str]:
        # SageMaker lists the models of a multi-model container at its start, which fails without that list:
        # https://github.com/pytorch/serve/issues/397
        return ("/ping", "/models") if self.models is not None else ("/ping",)

    def _restart_on_exit(self, process: "subprocess.Popen[bytes]", timeout: float) -> None:
        """Restarts the process each time it ends, with exponential backoff."""
        delay = _FIRST_RESTART_DELAY_SECONDS
        started = time.monotonic()
        while True:
            code = process.wait()
            self._ready = False
            if time.monotonic() - started > _HEALTHY_SECONDS:
                delay = _FIRST_RESTART_DELAY_SECONDS
            if self._closing.wait(delay):
                return
            logger.warning(
                "A serving process ended with exit code %s and is restarted: see %s", code, self.log_file
            )
            delay = min(2 * delay, _LONGEST_RESTART_DELAY_SECONDS)
            started = time.monotonic()
            try:
                process = self._spawn()
                self._await_healthy(process, timeout)
            except Exception as error:
                # Without this thread, nobody would restart it again.
                if not isinstance(error, ContainerError):
                    logger.warning("A serving process cannot be restarted now: %s", error)
                _end(process, 0.0)

    def _log_end(self) -> str:
        return f"Its last log lines:\n{last_lines(self.log_file)}"


def _end(process: "subprocess.Popen[bytes]", grace: float) -> None:
    process.terminate()
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _is_ok(port: int, path: str) -> bool:
    try:
        return send_request(port, "GET", path, timeout=PING_SECONDS, headers={}).status == HTTPStatus.OK
    except (ContainerDownError, ContainerTimeoutError, ContainerConnectionError):
        return False
