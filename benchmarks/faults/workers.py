"""Faults of workers: a kill, a hang, and a memory limit."""

import os
import resource
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.faults.clients import Load
from benchmarks.faults.outcome import Outcome
from benchmarks.faults.server import WORKERS, Server

TIMES = 5
BEFORE = AFTER = 500
REPLACED = "replaced and well"
BATCH = b'{"instances":[' + b",".join([b'{"size":1}'] * 1_000) + b"]}"
BATCHES_A_SECOND = 50.0


def killed(folder: Path) -> Outcome:
    """One worker is killed, five times."""
    return _signalled(folder, signal.SIGKILL, lambda server: server.workers[:1], TIMES)


def all_killed(folder: Path) -> Outcome:
    """All workers are killed at once, five times."""
    return _signalled(folder, signal.SIGKILL, lambda server: server.workers, TIMES)


def hangs(folder: Path) -> Outcome:
    """One worker hangs."""
    return _signalled(folder, signal.SIGSTOP, lambda server: server.workers[:1], 1)


def _signalled(
    folder: Path, signum: signal.Signals, select: Callable[[Server], list[int]], times: int
) -> Outcome:
    with Server(folder) as server:
        server.until_healthy()
        with Load(server.port) as load:
            slowest = 0.0
            for _ in range(times):
                load.until(BEFORE)
                slowest = max(slowest, _send(server, signum, select(server)))
            load.until(AFTER)
    return Outcome.of(load, seconds=slowest, until=REPLACED)


def _send(server: Server, signum: signal.Signals, workers: Sequence[int]) -> float:
    for worker in workers:
        os.kill(worker, signum)
    return _until_replaced(server, workers)


def out_of_memory(folder: Path) -> Outcome:
    """A worker cannot allocate memory while it gets batches of 1,000 rows."""
    with Server(folder) as server:
        server.until_healthy()
        with Load(server.port, body=BATCH, rate=BATCHES_A_SECOND) as load:
            worker = server.workers[0]
            load.until(AFTER // 10)
            size = (
                int(Path(f"/proc/{worker}/statm").read_text(encoding="utf-8").split()[0])
                * resource.getpagesize()
            )
            # The limit does not free allocated memory: it only refuses further allocations.
            resource.prlimit(worker, resource.RLIMIT_AS, (size // 2, size // 2))
            seconds = _until_replaced(server, [worker])
            load.until(AFTER // 10)
    return Outcome.of(load, seconds=seconds, until=REPLACED)


def _until_replaced(server: Server, workers: Sequence[int]) -> float:
    gone = server.until(lambda: not {*workers} & {*server.workers} and len(server.workers) == WORKERS)
    return gone + server.until_healthy()
