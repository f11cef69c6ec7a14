"""One serving process of an endpoint: started, watched, restarted, stopped."""

import contextlib
import logging
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

from local.aws import ROOT
from local.listener import HOST
from local.sagemaker.errors import (
    ContainerDownError,
    ContainerError,
    ContainerLateError,
    ContainerLostError,
)
from local.sagemaker.model_cache import ModelCache
from local.sagemaker.reply import ask
from local.tail import tail

logger = logging.getLogger(__name__)

# SageMaker's: an answer to /ping within 2 s, an invocation 60 s, 30 s from SIGTERM to SIGKILL.
# https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
PING_SECONDS = 2.0
INVOCATION_SECONDS = 60.0
STOP_SECONDS = 30.0

_POLL_SECONDS = 0.05
_FIRST_DELAY_SECONDS = 0.2
_LONGEST_DELAY_SECONDS = 30.0
_STEADY_SECONDS = 10.0


class Container:
    """A serving process over one unpacked model, or several, on a loopback port of its own.

    Args:
        command: The program that serves; the address and the model folder come by its environment.
        folder: Its SAGEMAKER_BASE_DIR, which holds model/; the log is written beside it.
        environment: Its environment, but for what says where to listen and where the model is.
        descriptors: Open files it inherits, so that their lock is held for as long as it lives.
        models: Where it hosts several models, what keeps account of them.

    Attributes:
        models: The same.
    """

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
        self._log = folder.with_suffix(".log")
        self._state = threading.Condition()
        self._closing = threading.Event()
        self._leases = 0
        self._ready = False
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, timeout: float) -> None:
        """Start the process, wait until /ping answers 200, and watch over it from then on.

        Args:
            timeout: Seconds it may take, a model's ContainerStartupHealthCheckTimeoutInSeconds.

        Raises:
            ContainerError: It ended first, or the time was up.
        """
        process = self._spawn()
        try:
            self._await_healthy(process, timeout)
        except ContainerError:
            _end(process, 0.0)
            raise
        threading.Thread(target=self._watch, args=(process, timeout), daemon=True).start()

    @contextlib.contextmanager
    def lease(self) -> Iterator[int]:
        """The port to ask, for the length of one invocation, which stop() waits for.

        Raises:
            ContainerDownError: The process is not there: it died and is being restarted, or it is stopped.
        """
        with self._state:
            if not self._ready:
                raise ContainerDownError
            self._leases += 1
            # A restart changes it, and must not for an invocation under way.
            port = self._port
        try:
            yield port
        finally:
            with self._state:
                self._leases -= 1
                self._state.notify_all()

    def stop(self, *, drain: float = INVOCATION_SECONDS) -> None:
        """Let the running invocations finish, end the process as SageMaker does, and remove the model.

        Args:
            drain: Seconds the running invocations may take.
        """
        with self._state:
            self._state.wait_for(lambda: self._leases == 0, drain)
            self._ready = False
            self._closing.set()
        if self._process:
            _end(self._process, STOP_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _spawn(self) -> "subprocess.Popen[bytes]":
        port = free_port()
        environment = {
            **self._environment,
            "SAGEMAKER_BASE_DIR": str(self._folder),
            "SAGEMAKER_BIND_TO_PORT": str(port),
            "SERVING_HOST": HOST,
        }
        with self._state, self._log.open("ab") as log:
            if self._closing.is_set():
                raise ContainerError("The endpoint is stopped before its serving process has started.")
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
                raise ContainerError(f"The serving process ended with exit code {code}. {self._last_words()}")
            if all(_answers(self._port, path) for path in self._probes):
                with self._state:
                    self._ready = not self._closing.is_set()
                return
        passed = " and ".join(self._probes)
        raise ContainerError(
            f"The serving process did not pass {passed} in {timeout:g} s. {self._last_words()}"
        )

    @property
    def _probes(self) -> Sequence[str]:
        # Containers of several models are listed from the start, and fail it when they know no such list:
        # https://github.com/pytorch/serve/issues/397
        return ("/ping", "/models") if self.models is not None else ("/ping",)

    def _watch(self, process: "subprocess.Popen[bytes]", timeout: float) -> None:
        """Restart the process whenever it dies, ever later when it does not live long."""
        delay = _FIRST_DELAY_SECONDS
        started = time.monotonic()
        while True:
            code = process.wait()
            self._ready = False
            if time.monotonic() - started > _STEADY_SECONDS:
                delay = _FIRST_DELAY_SECONDS
            if self._closing.wait(delay):
                return
            logger.warning(
                "A serving process ended with exit code %s and is restarted: see %s", code, self._log
            )
            delay = min(2 * delay, _LONGEST_DELAY_SECONDS)
            started = time.monotonic()
            try:
                process = self._spawn()
                self._await_healthy(process, timeout)
            except (ContainerError, OSError):
                _end(process, 0.0)

    def _last_words(self) -> str:
        return f"Its last log lines:\n{tail(self._log)}"


def _end(process: "subprocess.Popen[bytes]", grace: float) -> None:
    process.terminate()
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers(port: int, path: str) -> bool:
    try:
        return ask(port, "GET", path, timeout=PING_SECONDS, headers={}).status == HTTPStatus.OK
    except (ContainerDownError, ContainerLateError, ContainerLostError):
        return False


def free_port() -> int:
    """A port of the loopback address that nobody listens on just now."""
    # Somebody else may take it before the process does; then that start fails and the next has another.
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
