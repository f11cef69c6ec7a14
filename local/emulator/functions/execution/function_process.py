"""Process of an execution environment: one line in, one line out, within limits of time and memory."""

import contextlib
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from local.emulator.functions.execution.bootstrap import END_OF_OUTPUT
from local.emulator.functions.execution.failures import exited, out_of_memory, timed_out
from local.emulator.functions.execution.memory import peak_megabytes
from local.local_aws import ROOT

_PROGRAM = (sys.executable, "-m", "local.emulator.functions.execution.bootstrap")
_POLL_SECONDS = 0.02
_END_SECONDS = 5.0

_Lines = queue.Queue[str | None]


class FunctionProcess:
    """The running bootstrap program of a function.

    Args:
        environment: Its environment variables.
        memory_mb: The largest resident memory that it may have.
        clock: Returns seconds that never decrease.
    """

    def __init__(
        self, environment: Mapping[str, str], *, memory_mb: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._memory_mb = memory_mb
        self._clock = clock
        self.popen = subprocess.Popen(
            _PROGRAM,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._answers: _Lines = queue.Queue()
        self._output: _Lines = queue.Queue()
        for stream, lines in ((self.popen.stdout, self._answers), (self.popen.stderr, self._output)):
            threading.Thread(target=_forward, args=(stream, lines), daemon=True).start()

    @property
    def is_running(self) -> bool:
        """True until the process ends."""
        return self.popen.poll() is None

    def exchange(self, message: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        """Sends a message and returns the answer.

        Args:
            message: The message.
            seconds: Time limit.

        Raises:
            InvocationError: The process exceeded its time or memory, or ended.
        """
        # A process that does not read blocks the writer, and the time limit must hold nevertheless.
        arguments = (self.popen.stdin, json.dumps(message))
        threading.Thread(target=_write, args=arguments, daemon=True).start()
        answer = self._await_answer(seconds)
        self._check_memory()
        if answer is None:
            raise exited(self.popen.wait(_END_SECONDS))
        parsed: dict[str, Any] = json.loads(answer)
        return parsed

    def take_log(self) -> str:
        """Returns what the process has printed, up to the end of a call or of the process."""
        return "".join(_until_end(self._output))

    def terminate(self, *, seconds: float) -> None:
        """Sends SIGTERM, and waits for the end of the process at most this long."""
        self.popen.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(seconds)

    def kill(self) -> None:
        """Kills the process and waits for its end."""
        self.popen.kill()
        self.popen.wait(_END_SECONDS)
        if self.popen.stdin:
            # Input that is still to be written has no reader.
            with contextlib.suppress(OSError):
                self.popen.stdin.close()

    def _await_answer(self, seconds: float) -> str | None:
        """Returns the answer, None when the process has ended without one."""
        deadline = self._clock() + seconds
        while True:
            try:
                return self._answers.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                self._check_memory()
            if self._clock() >= deadline:
                raise timed_out(seconds)

    def _check_memory(self) -> None:
        if peak_megabytes(self.popen.pid) > self._memory_mb:
            raise out_of_memory()


def _write(stream: Any, line: str) -> None:
    # When the process has ended, its answers tell.
    with contextlib.suppress(OSError, ValueError):
        stream.write(line + "\n")
        stream.flush()


def _forward(stream: Any, lines: _Lines) -> None:
    with stream:
        for line in stream:
            lines.put(line)
    lines.put(None)


def _until_end(lines: _Lines) -> Iterator[str]:
    with contextlib.suppress(queue.Empty):
        # The end is late only when a child of an ended process still holds its output.
        while (line := lines.get(timeout=_END_SECONDS)) is not None:
            before, end, _ = line.partition(END_OF_OUTPUT)
            yield before
            if end:
                return
