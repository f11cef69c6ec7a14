"""A client with one connection, which sends one request after the other."""

import os
import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from itertools import cycle, islice
from time import perf_counter_ns

from benchmarks.errors import BenchmarkError
from benchmarks.load.requests import Request
from benchmarks.steps.step_durations import RoundTrip

HOST = "127.0.0.1"
_SECONDS = 10
_READ = 1 << 16
_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Runs the block on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    """Opens a connection to a server on this machine."""
    with socket.create_connection((HOST, port), timeout=_SECONDS) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # The kernel's own time limit: Python's would add a system call, poll.
        connection.settimeout(None)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", _SECONDS, 0))
        yield connection


def round_trips(connection: socket.socket, requests: Sequence[Request], count: int) -> list[RoundTrip]:
    """Sends `count` requests, these in turn, and returns the time of each.

    Raises:
        BenchmarkError: When a response is not 200, or the connection ends.
    """
    return [_round_trip(connection, message) for message in islice(cycle(map(_message, requests)), count)]


def _round_trip(connection: socket.socket, message: bytes) -> RoundTrip:
    begin = perf_counter_ns()
    connection.sendall(message)
    response = connection.recv(_READ)
    end = perf_counter_ns()
    while not _is_complete(response):
        piece = connection.recv(_READ)
        if not piece:
            raise BenchmarkError("the server closed the connection.")
        response += piece
        end = perf_counter_ns()
    if not response.startswith(b"HTTP/1.1 %d " % HTTPStatus.OK):
        raise BenchmarkError(f"a response is not 200: {response[:300]!r}")
    return RoundTrip(begin, end)


def _is_complete(response: bytes) -> bool:
    head, end, body = response.partition(_END)
    if not end:
        return False
    _, _, length = head.lower().partition(_LENGTH)
    return len(body) >= int(length.partition(b"\r\n")[0])


def _message(request: Request) -> bytes:
    head = (
        f"POST {request.path} HTTP/1.1\r\nhost: {HOST}\r\ncontent-type: {request.content_type}\r\n"
        f"content-length: {len(request.body.encode())}\r\n\r\n"
    )
    return f"{head}{request.body}".encode()
