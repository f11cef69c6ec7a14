"""Runs every contender and prints the table."""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.server_choice.contender import NO_OP
from benchmarks.server_choice.load import Result, measure
from bundle import read_archive

CONTENDERS = ("uvicorn_asgi", "granian_rsgi", "granian_asgi")
CONNECTIONS = (1, 16, 64)
SERVER_CORE, LOAD_CORE = 0, 1
START_SECONDS = 30


def main() -> None:
    """Measures in interleaved rounds and prints medians and ranges."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server_choice")
    parser.add_argument("bundle", help="a model.tar.gz")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    arguments = parser.parse_args()
    body = msgspec.json.encode(read_archive(Path(arguments.bundle)).manifest.golden[0].instance)
    results: dict[tuple[str, str, int], list[Result]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(arguments.rounds):
            for work, bundle in (("no-op", NO_OP), ("model", arguments.bundle)):
                for name in CONTENDERS:
                    with _running(name, bundle) as (pid, port):
                        for connections in CONNECTIONS:
                            result = measure(
                                pid=pid,
                                port=port,
                                body=body,
                                connections=connections,
                                seconds=arguments.seconds,
                                core=LOAD_CORE,
                                folder=Path(folder),
                            )
                            results[work, name, connections].append(result)
    _print(results)


@contextmanager
def _running(name: str, bundle: str) -> Iterator[tuple[int, int]]:
    port = _free_port()
    process = subprocess.Popen(
        [
            *("taskset", "-c", str(SERVER_CORE), sys.executable, "-m", "benchmarks.server_choice.contender"),
            *(name, str(port), bundle),
        ]
    )
    try:
        _await_listening(port)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_listening(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing listens on port {port} after {START_SECONDS} s")


def _print(results: dict[tuple[str, str, int], list[Result]]) -> None:
    rounds = len(next(iter(results.values())))
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, medians of {rounds} rounds\n")
    print("| work | server | connections | requests/s (range) | p50 µs | p99 µs | CPU µs a request |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for (work, name, connections), measured in sorted(results.items()):
        throughput = [result.throughput for result in measured]
        print(
            f"| {work} | {name} | {connections} | {statistics.median(throughput):,.0f} "
            f"({min(throughput):,.0f}-{max(throughput):,.0f}) "
            f"| {statistics.median(result.p50 for result in measured):,.0f} "
            f"| {statistics.median(result.p99 for result in measured):,.0f} "
            f"| {statistics.median(result.cpu for result in measured):.1f} |"
        )


if __name__ == "__main__":
    main()
