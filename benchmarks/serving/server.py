"""The process of one contender."""

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.load.requests import Request
from benchmarks.machine.host import SERVER_CORE, pinned
from benchmarks.serving.contender import Contender
from local.processes.listener import free_port

START_SECONDS = 60
STOP_SECONDS = 15
_POLL_SECONDS = 0.005


class Server:
    """A running contender.

    Attributes:
        pid: Process id of the root process.
        port: Port on 127.0.0.1.
        ready: Seconds from its start to the first response with status 200.
    """

    def __init__(self, *, pid: int, port: int, ready: float) -> None:
        self.pid = pid
        self.port = port
        self.ready = ready

    def post(self, request: Request) -> tuple[int, bytes]:
        """Sends a request and returns the status and body of the response.

        Raises:
            OSError: There is no response.
        """
        return _post(self.port, request)


@contextmanager
def running(contender: Contender, *, folder: Path, run: Path, probe: Request) -> Iterator[Server]:
    """Runs a contender on the server's core until the end of the block.

    Args:
        contender: The contender.
        folder: Folder of the model.
        run: Writable folder; its file `log` gets the output.
        probe: Request whose response with 200 marks the contender as ready.

    Raises:
        BenchmarkError: The contender ends, or is not ready within a minute.
    """
    port = free_port()
    module = contender.module or contender.name
    command = [contender.python, "-m", "benchmarks.contenders", module, str(port), str(folder)]
    environment = os.environ | {"BENCH_FOLDER": str(folder), "TMPDIR": str(run)}
    start = time.perf_counter()
    with (run / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            pinned(SERVER_CORE, command), env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_until_ready(process, port, probe, run / "log")
        yield Server(pid=process.pid, port=port, ready=time.perf_counter() - start)
    finally:
        _stop(process)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, probe: Request, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if _post(port, probe)[0] == http.HTTPStatus.OK:
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(_POLL_SECONDS)
    last = next(iter(log.read_text(encoding="utf-8").splitlines()[-1:]), "none")
    raise BenchmarkError(
        f"it ended or was not ready within {START_SECONDS} s; the last line of its log: {last}"
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    # Remaining child processes are in its process group.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _post(port: int, request: Request) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", request.path, request.body, {"content-type": request.content_type})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
