"""Predictions and performance of one running contender."""

import json
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.equal_predictions import Predictions, check_same
from benchmarks.errors import BenchmarkError
from benchmarks.figures.results import Load, Paced, Sample, Start
from benchmarks.load import wrk
from benchmarks.load.requests import ROW, Request
from benchmarks.machine.host import LOAD_CORE, pinned
from benchmarks.machine.processes import cpu_seconds, resident_mb
from benchmarks.serving.contender import Contender
from benchmarks.serving.contender_inputs import Material
from benchmarks.serving.server import Server

_DISTINCT_ROWS = 256
_COMPARED_ROWS = 16


def requests(contender: Contender, kind: str, material: Material) -> list[Request]:
    """Returns the repeated requests: 256 single rows, or one batch of all rows."""
    rows = material.rows
    batches = [[row] for row in rows[:_DISTINCT_ROWS]] if kind == ROW else [rows]
    return [contender.request(kind, batch, material.fields) for batch in batches]


class Trial:
    """A running contender.

    Args:
        contender: The contender.
        server: Its process.
        material: Model and rows.
        run: Writable folder.
    """

    def __init__(self, contender: Contender, server: Server, *, material: Material, run: Path) -> None:
        self._contender = contender
        self._server = server
        self._requests = {kind: requests(contender, kind, material) for kind in contender.paths}
        self._run = run

    def predictions(self, kind: str) -> list[dict[str, Any]] | None:
        """Returns the predictions of the first rows or of the batch; None if this kind is not supported.

        Raises:
            BenchmarkError: A response is not 200.
        """
        found: list[dict[str, Any]] = []
        for request in self._requests[kind][:_COMPARED_ROWS]:
            status, body = self._server.post(request)
            if status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
                return None
            if status != HTTPStatus.OK:
                raise BenchmarkError(f"its response to {kind} is {status}: {body[:300]!r}")
            if self._contender.predicts:
                found += self._contender.protocol.decode(json.loads(body))
        return found

    def check(self, reference: Predictions) -> list[str]:
        """Verifies the predictions and returns the supported kinds of requests.

        Raises:
            BenchmarkError: The predictions differ from this project's.
        """
        kinds = []
        for kind in self._requests:
            found = self.predictions(kind)
            if found is None:
                continue
            if self._contender.predicts:
                check_same(found, reference[:_COMPARED_ROWS] if kind == ROW else reference)
            kinds.append(kind)
        return kinds

    def load(self, load: Load, seconds: int) -> Sample:
        """Returns throughput, latency and processor time under one load.

        Raises:
            BenchmarkError: A request fails.
        """
        script = self._run / f"{self._contender.name}-{load.kind}.lua"
        script.write_text(wrk.script(self._requests[load.kind]), encoding="utf-8")
        before = cpu_seconds(self._server.pid)
        outcome = wrk.load(
            port=self._server.port, script=script, connections=load.connections, seconds=seconds
        )
        return Sample.of(
            requests=outcome.requests,
            seconds=outcome.seconds,
            cpu_seconds=cpu_seconds(self._server.pid) - before,
            p50=outcome.p50,
            p99=outcome.p99,
        )

    def pace(self, rate: float, seconds: int) -> Paced:
        """Returns the latency of single rows at a constant rate.

        Raises:
            BenchmarkError: A request fails.
        """
        command = [
            sys.executable,
            "-m",
            "benchmarks.load.constant_rate",
            str(self._server.port),
            f"{rate:.3f}",
            str(seconds),
        ]
        done = subprocess.run(
            pinned(LOAD_CORE, command),
            input=msgspec.json.encode(self._requests[ROW]),
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise BenchmarkError(f"at {rate:,.0f} requests a second: {_last_line(done.stderr)}")
        return msgspec.json.decode(done.stdout, type=Paced)

    def start(self) -> Start:
        """Returns the duration of the start and the current memory of each process."""
        return Start(ready=self._server.ready, resident=resident_mb(self._server.pid))


def _last_line(output: bytes) -> str:
    return next(iter(output.decode().splitlines()[-1:]), "no output")
