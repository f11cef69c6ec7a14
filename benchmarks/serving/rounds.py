"""Rounds of the benchmark, which start, verify, load and stop each contender in turn."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.errors import BenchmarkError
from benchmarks.figures.results import CAPACITY, LOADS, ROW_LOADS, Record, Sample
from benchmarks.load.requests import JSON_BATCH, ROW
from benchmarks.machine.host import SERVER_CORE, pinned
from benchmarks.serving.contender import LOOP, OURS, Contender, find
from benchmarks.serving.contender_inputs import Material
from benchmarks.serving.server import running
from benchmarks.serving.trial import Trial, requests
from training.progress import Progress

PACE = 0.7
WARM_UP, WARM_UP_SECONDS = ROW_LOADS[0], 1

_SOAK_REQUESTS, _SOAK_WARM_UP = 1_000_000, 100_000
_SOAK_SECONDS = 5


class Session:
    """One run of the benchmark.

    Args:
        material: Model and rows for all contenders.
        seconds: Duration of each load.
        progress: Log of the steps.

    Attributes:
        records: Results by contender.
        failed: Error messages of the contenders that failed.
    """

    def __init__(self, *, material: Material, seconds: int, progress: Progress) -> None:
        self._material = material
        self._seconds = seconds
        self._progress = progress
        self._reference: list[dict[str, Any]] = []
        self._kinds: dict[str, list[str]] = {}
        self.records: dict[str, Record] = {}
        self.failed: dict[str, str] = {}

    def predict_reference(self) -> None:
        """Gets the expected predictions from this project's server.

        Raises:
            BenchmarkError: The server does not start or respond.
        """
        with self._trial(find(OURS)) as trial:
            self._reference = trial.predictions(JSON_BATCH) or []
            self._kinds[OURS] = trial.check(self._reference)

    def round(self, contenders: Sequence[Contender]) -> None:
        """Measures each contender once, except those that have failed."""
        for contender in contenders:
            if contender.name in self.failed:
                continue
            self._progress.step(f"{contender.name}: {contender.title}")
            try:
                self._measure(contender)
            except BenchmarkError as error:
                self.failed[contender.name] = str(error)
                self.records.pop(contender.name, None)
                self._progress.step(f"{contender.name} failed: {error}")

    def loop(self) -> None:
        """Measures decoding, prediction and encoding in one process, without a server.

        Raises:
            BenchmarkError: The process fails.
        """
        loads = {load.kind: load for load in LOADS if load.kind in self._kinds[OURS]}
        lines = [msgspec.json.encode(requests(find(OURS), kind, self._material)) for kind in loads]
        command = [
            sys.executable,
            "-m",
            "benchmarks.serving.in_process_loop",
            str(self._material.folder),
            str(self._seconds),
        ]
        done = subprocess.run(
            pinned(SERVER_CORE, command), input=b"\n".join(lines), capture_output=True, check=False
        )
        if done.returncode:
            raise BenchmarkError(f"the loop failed: {done.stderr.decode()}")
        record = self.records.setdefault(LOOP, Record())
        for load, line in zip(loads.values(), done.stdout.splitlines(), strict=True):
            self._keep(LOOP, record, load.key, msgspec.json.decode(line, type=Sample), load.rows)

    def soak(self) -> float:
        """Returns the memory growth of this project over a million requests, in MB."""
        with self._trial(find(OURS)) as trial:
            return _growth(trial, self._progress)

    def _measure(self, contender: Contender) -> None:
        name, record = contender.name, self.records.setdefault(contender.name, Record())
        with self._trial(contender) as trial:
            if name not in self._kinds:
                self._kinds[name] = trial.check(self._reference)
            trial.load(WARM_UP, WARM_UP_SECONDS)
            for load in LOADS:
                if load.kind in self._kinds[name]:
                    self._keep(name, record, load.key, trial.load(load, self._seconds), load.rows)
            rate = PACE * record.samples[CAPACITY.key][-1].throughput
            record.paced.append(trial.pace(rate, self._seconds))
            record.starts.append(trial.start())

    def _keep(self, name: str, record: Record, key: str, sample: Sample, rows: int) -> None:
        record.samples.setdefault(key, []).append(sample)
        self._progress.step(f"{name} {key}: {sample.throughput * rows:,.0f} rows/s")

    @contextmanager
    def _trial(self, contender: Contender) -> Iterator[Trial]:
        material = self._material
        with tempfile.TemporaryDirectory() as folder:
            run = Path(folder)
            # The worker of nginx runs as another user.
            run.chmod(0o755)
            probe = requests(contender, ROW, material)[0]
            with running(contender, folder=material.folder, run=run, probe=probe) as server:
                yield Trial(contender, server, material=material, run=run)


def _growth(trial: Trial, progress: Progress) -> float:
    """Returns the growth of the resident memory of all processes over a million requests, in MB."""
    progress.step(f"soak: {_SOAK_WARM_UP:,} requests to warm up, then {_SOAK_REQUESTS:,}")
    _send(trial, _SOAK_WARM_UP, progress)
    before = sum(trial.start().resident)
    _send(trial, _SOAK_REQUESTS, progress)
    return sum(trial.start().resident) - before


def _send(trial: Trial, requests: int, progress: Progress) -> None:
    sent = 0.0
    while sent < requests:
        sent += trial.load(CAPACITY, _SOAK_SECONDS).throughput * _SOAK_SECONDS
        progress.step(f"soak: {sent:,.0f} requests")
