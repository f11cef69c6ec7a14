"""Serving process on a set of cores, with its processes by their role."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

from benchmarks.errors import BenchmarkError
from benchmarks.machine.processes import children, cpu_seconds_of, proportional_mb

HOST = "127.0.0.1"
START_SECONDS = 60
_STEP_SECONDS = 0.01


class ServerOnCores:
    """One run of the serving process, pinned to some cores.

    Attributes:
        port: The port that it listens on.
        fronts: Process ids of the fronts; one front is the root process itself.
        workers: Process ids of the workers.
        parent: Process id of the parent of several fronts; None for one front.
    """

    def __init__(
        self,
        folder: Path,
        *,
        cores: str,
        workers: int,
        fronts: int | None = None,
        module: str = "serving",
    ) -> None:
        """Starts the server.

        Args:
            folder: Folder with the folder `model`; its file `log` gets the log.
            cores: The cores, as taskset lists them.
            workers: Number of workers.
            fronts: Number of fronts; None for the default, which follows workers and cores.
            module: Module of its command.
        """
        settings = {
            "SAGEMAKER_BASE_DIR": str(folder),
            "SAGEMAKER_BIND_TO_PORT": "0",
            "SAGEMAKER_MODEL_SERVER_WORKERS": str(workers),
            "SERVING_HOST": HOST,
            "SERVING_LOG_SAMPLE": "0",
        }
        if fronts:
            settings["SERVING_FRONTS"] = str(fronts)
        self._log = folder / "log"
        self._workers = workers
        command = ["taskset", "--cpu-list", cores, sys.executable, "-m", module, "serve"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, env=os.environ | settings, stdout=log, stderr=log)

    def __enter__(self) -> Self:
        try:
            self._until_ready()
        except BaseException:
            self._end()
            raise
        root = self._process.pid
        several = bool(self._events("front started"))
        self.port = int(self._events("listening")[0]["port"])
        self.parent = root if several else None
        self.fronts = children(root) if several else [root]
        self.workers = [worker for front in self.fronts for worker in children(front)]
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        self._process.terminate()
        self._process.wait()

    def _until_ready(self) -> None:
        end = time.monotonic() + START_SECONDS
        while len(self._events("worker ready")) < self._workers:
            if self._process.poll() is not None or time.monotonic() > end:
                last = self._log.read_text(encoding="utf-8").splitlines()[-1:]
                raise BenchmarkError(f"the server did not become ready; the last line of its log: {last}")
            time.sleep(_STEP_SECONDS)

    def _events(self, name: str) -> list[dict[str, Any]]:
        lines = self._log.read_text(encoding="utf-8").splitlines(keepends=True)
        found = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]
        return [event for event in found if event["event"] == name]

    def cpu_seconds(self) -> dict[str, float]:
        """Returns the processor seconds of the parent, the fronts and the workers until now."""
        roles = {
            "parent": [self.parent] if self.parent else [],
            "fronts": self.fronts,
            "workers": self.workers,
        }
        return {role: cpu_seconds_of(processes) for role, processes in roles.items()}

    def descriptors(self) -> list[int]:
        """Returns the number of open file descriptors of each front."""
        return [len([*Path(f"/proc/{front}/fd").iterdir()]) for front in self.fronts]

    def memory(self) -> float:
        """Returns the memory of all processes in MB, with shared pages counted once."""
        return proportional_mb(self._process.pid)
