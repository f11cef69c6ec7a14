"""The serving process as SageMaker runs it, with its log and its state."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from benchmarks.errors import BenchmarkError
from benchmarks.faults.clients import HOST, TIMEOUT_SECONDS
from benchmarks.machine.processes import tree

WORKERS = 2
# The tiny model of the image's self-check, because the server is measured and not the model.
MODEL = Path(__file__).parents[2] / "serving" / "selfcheck" / "model"
_STEP_SECONDS = 0.005


class Server:
    """One run of `python -m serving serve`, with two workers.

    Args:
        folder: Folder for its model and its log.
        damage: Function that damages the unpacked model before the start.
        prefix: Command that runs the program, such as prlimit.
    """

    def __init__(
        self, folder: Path, *, damage: Callable[[Path], None] | None = None, prefix: tuple[str, ...] = ()
    ) -> None:
        shutil.copytree(MODEL, folder / "model")
        if damage:
            damage(folder / "model")
        self._log = folder / "log"
        settings = {
            "SAGEMAKER_BASE_DIR": str(folder),
            "SAGEMAKER_BIND_TO_PORT": "0",
            "SAGEMAKER_MODEL_SERVER_WORKERS": str(WORKERS),
            "SERVING_HOST": HOST,
        }
        with self._log.open("wb") as log:
            command = [*prefix, sys.executable, "-m", "serving", "serve"]
            self.process = subprocess.Popen(command, env=os.environ | settings, stdout=log, stderr=log)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def port(self) -> int:
        """Waits until the server listens and returns its port."""
        self.until(lambda: any(self.events("listening")))
        return int(self.events("listening")[0]["port"])

    @property
    def workers(self) -> list[int]:
        """Process ids of the live workers that have been ready."""
        alive = tree(self.process.pid)
        return [event["worker"] for event in self.events("worker ready") if event["worker"] in alive]

    def events(self, name: str) -> list[dict[str, Any]]:
        """Returns the events of the log with this name."""
        lines = self._log.read_text(encoding="utf-8").splitlines(keepends=True)
        found = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]
        return [event for event in found if event["event"] == name]

    def until(self, condition: Callable[[], bool]) -> float:
        """Waits until the condition is true and returns the seconds.

        Raises:
            BenchmarkError: The condition was not true in time.
        """
        start = time.monotonic()
        while not condition():
            if time.monotonic() - start > 2 * TIMEOUT_SECONDS:
                last = self._log.read_text(encoding="utf-8").splitlines()[-1:]
                raise BenchmarkError(
                    f"the awaited state of the server did not occur; the last line of its log: {last}"
                )
            time.sleep(_STEP_SECONDS)
        return time.monotonic() - start

    def until_healthy(self) -> float:
        """Waits until every worker is ready and /ping is 200, and returns the seconds."""
        return self.until(lambda: len(self.workers) == WORKERS and self.ping() == http.HTTPStatus.OK)

    def until_exit(self) -> tuple[int, float]:
        """Waits for the end of the process and returns its exit code and the seconds."""
        start = time.monotonic()
        return self.process.wait(2 * TIMEOUT_SECONDS), time.monotonic() - start

    def ping(self) -> int:
        """Returns the status of GET /ping on a new connection."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", "/ping")
            return connection.getresponse().status
        finally:
            connection.close()

    def descriptors(self) -> int:
        """Returns the number of open file descriptors."""
        return len([*Path(f"/proc/{self.process.pid}/fd").iterdir()])
