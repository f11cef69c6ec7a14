"""The rounds: every contender started, compared, loaded and stopped, one after the other, again and again."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.contender import LOOP, OURS, Contender, find
from benchmarks.cores import SERVER_CORE, pinned
from benchmarks.errors import BenchmarkError
from benchmarks.material import Material
from benchmarks.requests import JSON_BATCH, ROW
from benchmarks.results import CAPACITY, LOADS, ROW_LOADS, Record, Sample
from benchmarks.server import running
from benchmarks.soak import growth
from benchmarks.trial import Trial, requests
from training.progress import Progress

PACE = 0.7
WARM_UP, WARM_UP_SECONDS = ROW_LOADS[0], 1


class Session:
    """A run of the benchmark.

    Args:
        material: What all contenders are given.
        seconds: How long each load lasts.
        progress: Where to tell what is being done.

    Attributes:
        records: What was measured so far, by contender.
        failed: Who did not do what it should, and how, in a sentence.
    """

    def __init__(self, *, material: Material, seconds: int, progress: Progress) -> None:
        self._material = material
        self._seconds = seconds
        self._progress = progress
        self._reference: list[dict[str, Any]] = []
        self._taken: dict[str, list[str]] = {}
        self.records: dict[str, Record] = {}
        self.failed: dict[str, str] = {}

    def ask_ours(self) -> None:
        """Asks this project what the right answers are.

        Raises:
            BenchmarkError: When it does not start or answer.
        """
        with self._trial(find(OURS)) as trial:
            self._reference = trial.predictions(JSON_BATCH) or []
            self._taken[OURS] = trial.check(self._reference)

    def round(self, contenders: Sequence[Contender]) -> None:
        """Measures each contender that has not failed, once."""
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
        """Measures decoding, predicting and encoding in one process, once.

        Raises:
            BenchmarkError: When it fails.
        """
        loads = {load.kind: load for load in LOADS if load.kind in self._taken[OURS]}
        lines = [msgspec.json.encode(requests(find(OURS), kind, self._material)) for kind in loads]
        command = [sys.executable, "-m", "benchmarks.loop", str(self._material.folder), str(self._seconds)]
        done = subprocess.run(
            pinned(SERVER_CORE, command), input=b"\n".join(lines), capture_output=True, check=False
        )
        if done.returncode:
            raise BenchmarkError(f"the loop failed: {done.stderr.decode()}")
        record = self.records.setdefault(LOOP, Record())
        for load, line in zip(loads.values(), done.stdout.splitlines(), strict=True):
            self._keep(LOOP, record, load.key, msgspec.json.decode(line, type=Sample), load.rows)

    def soak(self) -> float:
        """By how many MB this project's memory grows over a million requests."""
        with self._trial(find(OURS)) as trial:
            return growth(trial, self._progress)

    def _measure(self, contender: Contender) -> None:
        name, record = contender.name, self.records.setdefault(contender.name, Record())
        with self._trial(contender) as trial:
            if name not in self._taken:
                self._taken[name] = trial.check(self._reference)
            trial.load(WARM_UP, WARM_UP_SECONDS)
            for load in LOADS:
                if load.kind in self._taken[name]:
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
            # nginx's worker is another user.
            run.chmod(0o755)
            probe = requests(contender, ROW, material)[0]
            with running(contender, folder=material.folder, run=run, probe=probe) as server:
                yield Trial(contender, server, material=material, run=run)
