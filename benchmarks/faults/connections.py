"""Faults of connections: no free file descriptors, and slow clients."""

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
# 100 KB a response: more in total than the 4 MB that the kernel buffers.
BATCHES_A_READER = 15


def few_descriptors(folder: Path) -> Outcome:
    """200 further clients connect, which is more than the limit of file descriptors."""
    with Server(folder, prefix=("prlimit", f"--nofile={FEW}")) as server:
        server.until_healthy()
        with Load(server.port) as load:
            load.until(BEFORE)
            with ExitStack() as stack:
                crowd = [stack.enter_context(_connect(server)) for _ in range(CROWD)]
                load.until(BEFORE)
                ends = _ends(crowd)
            seconds = server.until_healthy()
    return _outcome(load, ends, seconds)


def no_descriptors(folder: Path) -> Outcome:
    """The server has no free file descriptor, and 200 further clients connect."""
    with Server(folder) as server:
        server.until_healthy()
        with Load(server.port) as load, ExitStack() as stack:
            load.until(BEFORE)
            soft, hard = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (server.descriptors(), hard))
            crowd = [stack.enter_context(_connect(server)) for _ in range(CROWD)]
            load.until(BEFORE)
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (soft, hard))
            seconds = server.until_healthy()
            ends = _ends(crowd)
    return _outcome(load, ends, seconds)


def _outcome(load: Load, ends: Counter[str], seconds: float) -> Outcome:
    found = Outcome.of(
        load,
        seconds=seconds,
        until="the next client is answered 200",
        seen=f"the {CROWD} more: {_counts(ends)}",
    )
    unanswered = sum(count for end, count in ends.items() if not end.startswith(ANSWERED))
    return msgspec.structs.replace(found, requests=found.requests + CROWD, lost=found.lost + unanswered)


def _connect(server: Server) -> socket.socket:
    connection = socket.create_connection((HOST, server.port), timeout=LONGEST_SECONDS)
    connection.sendall(b"GET /ping HTTP/1.1\r\nhost: x\r\n\r\n")
    return connection


def slow_header(folder: Path) -> Outcome:
    """20 clients send one byte of a header every half second."""
    return _with_slow_clients(folder, b"POST /invocations HTTP/1.1\r\nx-slow: ")


def slow_body(folder: Path) -> Outcome:
    """20 clients send one byte of a body every half second."""
    head = b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    return _with_slow_clients(folder, head + b"content-length: 1000\r\n\r\n")


def slow_reader(folder: Path) -> Outcome:
    """20 clients request large responses and do not read them."""
    head = b"POST /invocations?probabilities=true HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    batch = head + b"content-length: %d\r\n\r\n" % len(BATCH) + BATCH
    return _with_slow_clients(folder, batch * BATCHES_A_READER, trickle=batch, reads=False)


def _with_slow_clients(folder: Path, start: bytes, *, trickle: bytes = b"x", reads: bool = True) -> Outcome:
    with Server(folder) as server:
        server.until_healthy()
        with Load(server.port) as load, ExitStack() as stack:
            load.until(BEFORE)
            crowd = [stack.enter_context(_connect_slowly(server, start)) for _ in range(SLOW)]
            seconds = _until_all_ended(crowd, trickle, reads=reads)
            load.until(BEFORE)
            ends = _ends(crowd) if reads else Counter({"cut off, most of it unread": len(crowd)})
    seen = f"the slow ones: {_counts(ends)}"
    return Outcome.of(load, seconds=seconds, until="the last slow one is cut off", seen=seen)


def _counts(ends: Counter[str]) -> str:
    return ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))


def _connect_slowly(server: Server, start: bytes) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    connection.connect((HOST, server.port))
    connection.setblocking(False)
    connection.send(start)
    return connection


def _until_all_ended(crowd: Sequence[socket.socket], trickle: bytes, *, reads: bool) -> float:
    """Sends on each connection repeatedly until the server closes it; returns the seconds."""
    began = time.monotonic()
    waiting = {connection.fileno(): connection for connection in crowd}
    poll = select.poll()
    for descriptor in waiting:
        # A client that does not read is notified of the closed connection only.
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
    """Returns the number of connections by their end."""
    return Counter(map(_end, connections))


def _end(connection: socket.socket) -> str:
    try:
        answer = connection.recv(SMALL_BUFFER)
    except ConnectionError:
        return "reset"
    return f"{ANSWERED} {answer.split()[1].decode()}" if answer else "closed without an answer"
