"""Faults of connections: none can be opened any more, or slow clients hold them."""

from __future__ import annotations

import resource
import select
import socket
import time
from collections import Counter
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import msgspec

from benchmarks.errors import BenchmarkError
from benchmarks.faults.clients import HOST, Load
from benchmarks.faults.outcome import Outcome
from benchmarks.faults.server import Server

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CROWD = 200
SLOW = 20
BEFORE = 500
LONGEST_SECONDS = 90.0
STEP_MILLISECONDS = 500
SMALL_BUFFER = 4_096
FEW = 128
ANSWERED = "answered"
BATCH = b'{"values":[' + b",".join([b"[1]"] * 1_000) + b"]}"
# 100 KB an answer: many more than the 4 MB that the kernel takes off the server's hands.
BATCHES_A_READER = 15


def few_descriptors(folder: Path) -> Outcome:
    """200 clients more ask than there are file descriptors for."""
    with Server(folder, prefix=("prlimit", f"--nofile={FEW}")) as server:
        server.until_well()
        with Load(server.port) as load:
            load.until(BEFORE)
            with ExitStack() as stack:
                crowd = [stack.enter_context(_asking(server)) for _ in range(CROWD)]
                load.until(BEFORE)
                ends = _ends(crowd)
            seconds = server.until_well()
    return _with_newcomers(load, ends, seconds)


def no_descriptors(folder: Path) -> Outcome:
    """The running server may open nothing more, and 200 clients more ask."""
    with Server(folder) as server:
        server.until_well()
        with Load(server.port) as load, ExitStack() as stack:
            load.until(BEFORE)
            soft, hard = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (server.descriptors(), hard))
            crowd = [stack.enter_context(_asking(server)) for _ in range(CROWD)]
            load.until(BEFORE)
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (soft, hard))
            seconds = server.until_well()
            ends = _ends(crowd)
    return _with_newcomers(load, ends, seconds)


def _with_newcomers(load: Load, ends: Counter[str], seconds: float) -> Outcome:
    found = Outcome.of(
        load,
        seconds=seconds,
        until="the next client is answered 200",
        seen=f"the {CROWD} more: {_told(ends)}",
    )
    unanswered = sum(count for end, count in ends.items() if not end.startswith(ANSWERED))
    return msgspec.structs.replace(found, requests=found.requests + CROWD, lost=found.lost + unanswered)


def _asking(server: Server) -> socket.socket:
    connection = socket.create_connection((HOST, server.port), timeout=LONGEST_SECONDS)
    connection.sendall(b"GET /ping HTTP/1.1\r\nhost: x\r\n\r\n")
    return connection


def slow_header(folder: Path) -> Outcome:
    """20 clients send a header a byte every half second."""
    return _crowded(folder, b"POST /invocations HTTP/1.1\r\nx-slow: ")


def slow_body(folder: Path) -> Outcome:
    """20 clients send a body a byte every half second."""
    head = b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    return _crowded(folder, head + b"content-length: 1000\r\n\r\n")


def slow_reader(folder: Path) -> Outcome:
    """20 clients ask for much and read nothing."""
    head = b"POST /invocations?probabilities=true HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    batch = head + b"content-length: %d\r\n\r\n" % len(BATCH) + BATCH
    return _crowded(folder, batch * BATCHES_A_READER, trickle=batch, reads=False)


def _crowded(folder: Path, start: bytes, *, trickle: bytes = b"x", reads: bool = True) -> Outcome:
    with Server(folder) as server:
        server.until_well()
        with Load(server.port) as load, ExitStack() as stack:
            load.until(BEFORE)
            crowd = [stack.enter_context(_slow(server, start)) for _ in range(SLOW)]
            seconds = _until_all_ended(crowd, trickle, reads=reads)
            load.until(BEFORE)
            ends = _ends(crowd) if reads else Counter({"cut off, most of it unread": len(crowd)})
    words = f"the slow ones: {_told(ends)}"
    return Outcome.of(load, seconds=seconds, until="the last slow one is cut off", seen=words)


def _told(ends: Counter[str]) -> str:
    return ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))


def _slow(server: Server, start: bytes) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    connection.connect((HOST, server.port))
    connection.setblocking(False)
    connection.send(start)
    return connection


def _until_all_ended(crowd: Sequence[socket.socket], trickle: bytes, *, reads: bool) -> float:
    """Sends a little more on each again and again until the server ends it; returns the seconds."""
    began = time.monotonic()
    waiting = {connection.fileno(): connection for connection in crowd}
    poll = select.poll()
    for descriptor in waiting:
        # Who reads nothing sees only that the connection is gone.
        poll.register(descriptor, select.POLLIN if reads else 0)
    while waiting:
        if time.monotonic() - began > LONGEST_SECONDS:
            raise BenchmarkError(f"{len(waiting)} slow clients were not cut off")
        for descriptor, _ in poll.poll(STEP_MILLISECONDS):
            poll.unregister(descriptor)
            del waiting[descriptor]
        for connection in waiting.values():
            with suppress(OSError):
                connection.send(trickle)
    return time.monotonic() - began


def _ends(connections: Sequence[socket.socket]) -> Counter[str]:
    """What came of connections, and of how many."""
    return Counter(map(_end, connections))


def _end(connection: socket.socket) -> str:
    try:
        answer = connection.recv(SMALL_BUFFER)
    except ConnectionError:
        return "reset"
    return f"{ANSWERED} {answer.split()[1].decode()}" if answer else "closed without an answer"
