"""One contender while it runs: what it says, and how fast."""

import json
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.equality import Predictions, check_same
from benchmarks.errors import BenchmarkError
from benchmarks.figures.results import Load, Paced, Sample, Start
from benchmarks.load import wrk
from benchmarks.load.requests import ROW, Request
from benchmarks.machine.host import LOAD_CORE, pinned
from benchmarks.machine.processes import cpu_seconds, resident_mb
from benchmarks.serving.contender import Contender
from benchmarks.serving.material import Material
from benchmarks.serving.server import Server

_DISTINCT_ROWS = 256
_COMPARED_ROWS = 16


def requests(contender: Contender, kind: str, material: Material) -> list[Request]:
    """What is posted again and again: 256 single rows in turn, or all rows at once."""
    rows = material.rows
    batches = [[row] for row in rows[:_DISTINCT_ROWS]] if kind == ROW else [rows]
    return [contender.request(kind, batch, material.fields) for batch in batches]


class Trial:
    """A contender that answers.

    Args:
        contender: Who.
        server: Its process.
        material: What it was given.
        run: A folder to write to.
    """

    def __init__(self, contender: Contender, server: Server, *, material: Material, run: Path) -> None:
        self._contender = contender
        self._server = server
        self._requests = {kind: requests(contender, kind, material) for kind in contender.paths}
        self._run = run

    def predictions(self, kind: str) -> list[dict[str, Any]] | None:
        """What it says of the first rows, one by one, or of all; None when it takes no such request.

        Raises:
            BenchmarkError: When it does not answer.
        """
        found: list[dict[str, Any]] = []
        for request in self._requests[kind][:_COMPARED_ROWS]:
            status, body = self._server.post(request)
            if status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
                return None
            if status != HTTPStatus.OK:
                raise BenchmarkError(f"it answered {kind} with {status}: {body[:300]!r}")
            if self._contender.predicts:
                found += self._contender.protocol.decode(json.loads(body))
        return found

    def check(self, reference: Predictions) -> list[str]:
        """The kinds of request it takes, after a look at its answers.

        Raises:
            BenchmarkError: When they are not this project's.
        """
        taken = []
        for kind in self._requests:
            found = self.predictions(kind)
            if found is None:
                continue
            if self._contender.predicts:
                check_same(found, reference[:_COMPARED_ROWS] if kind == ROW else reference)
            taken.append(kind)
        return taken

    def load(self, load: Load, seconds: int) -> Sample:
        """Its figures under one load.

        Raises:
            BenchmarkError: When a request fails.
        """
        script = self._run / f"{self._contender.name}-{load.kind}.lua"
        script.write_text(wrk.script(self._requests[load.kind]))
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
        """Its latency when single rows come at a constant rate.

        Raises:
            BenchmarkError: When a request fails.
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
        """How it started, and the memory its processes have now."""
        return Start(ready=self._server.ready, resident=resident_mb(self._server.pid))


def _last_line(output: bytes) -> str:
    return next(iter(output.decode().splitlines()[-1:]), "it printed nothing")
