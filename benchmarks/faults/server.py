"""The serving process, as SageMaker runs it, and what it tells."""

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
# The few operators that an image checks itself with: what is measured is the server.
MODEL = Path(__file__).parents[2] / "serving" / "selfcheck" / "model"
_STEP_SECONDS = 0.005


class Server:
    """One run of `python -m serving serve`, with two workers.

    Args:
        folder: Where its model and its log go.
        spoil: What is done to the model first.
        prefix: Command that the program is started by.
    """

    def __init__(
        self, folder: Path, *, spoil: Callable[[Path], None] | None = None, prefix: tuple[str, ...] = ()
    ) -> None:
        shutil.copytree(MODEL, folder / "model")
        if spoil:
            spoil(folder / "model")
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
        """Where it listens, once it does."""
        self.until(lambda: any(self.events("listening")))
        return int(self.events("listening")[0]["port"])

    @property
    def workers(self) -> list[int]:
        """Process ids of the workers that were ready and live."""
        alive = tree(self.process.pid)
        return [event["worker"] for event in self.events("worker ready") if event["worker"] in alive]

    def events(self, name: str) -> list[dict[str, Any]]:
        """What the log tells of one kind."""
        lines = self._log.read_text().splitlines(keepends=True)
        found = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]
        return [event for event in found if event["event"] == name]

    def until(self, happened: Callable[[], bool]) -> float:
        """Waits until it happens; returns the seconds.

        Raises:
            BenchmarkError: When it does not.
        """
        start = time.monotonic()
        while not happened():
            if time.monotonic() - start > 2 * TIMEOUT_SECONDS:
                words = self._log.read_text().splitlines()[-1:]
                raise BenchmarkError(f"the server did not do what was waited for; its last words: {words}")
            time.sleep(_STEP_SECONDS)
        return time.monotonic() - start

    def until_well(self) -> float:
        """Waits until every worker is ready and /ping is 200; returns the seconds."""
        return self.until(lambda: len(self.workers) == WORKERS and self.ping() == http.HTTPStatus.OK)

    def until_exit(self) -> tuple[int, float]:
        """Waits for its end: the exit code, and the seconds."""
        start = time.monotonic()
        return self.process.wait(2 * TIMEOUT_SECONDS), time.monotonic() - start

    def ping(self) -> int:
        """The status of GET /ping on a connection of its own."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", "/ping")
            return connection.getresponse().status
        finally:
            connection.close()

    def descriptors(self) -> int:
        """How many file descriptors it holds."""
        return len([*Path(f"/proc/{self.process.pid}/fd").iterdir()])
