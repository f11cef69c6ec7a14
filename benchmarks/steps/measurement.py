"""Measurement: rounds of requests to the server as it ships, and to the server with stamps."""

import shutil
import socket
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import msgspec

from benchmarks.fronts.server_on_cores import ServerOnCores
from benchmarks.load.requests import JSON, Request
from benchmarks.machine.host import LOAD_CORE, SERVER_CORE
from benchmarks.steps.one_connection import connected, on_core, round_trips
from benchmarks.steps.stamped_server import FOLDER, stamps_file
from benchmarks.steps.stamps import cost_of_a_stamp, read_stamps
from benchmarks.steps.step import POINTS, WORKER
from benchmarks.steps.step_durations import RoundTrip, StepDurations, durations_of, typical
from bundle import Bundle

_ROLES = {"fronts": "front", "workers": WORKER}


class StepFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Results; times in µs a request.

    Attributes:
        model: Name and version of the model.
        rounds: Number of rounds.
        requests: Number of requests of each round.
        unstamped: Median round trip of the server without stamps.
        stamped: Median round trip of the server with stamps.
        processor: Processor time of the front and of the worker, without stamps.
        stamp: What one stamp costs.
        typical: Durations of the steps of a typical request.
        complete: Share of the requests that reached every point in order.
    """

    model: str
    rounds: int
    requests: int
    unstamped: float
    stamped: float
    processor: dict[str, float]
    stamp: float
    typical: StepDurations
    complete: float


def measure(archive: Path, bundle: Bundle, *, rounds: int, requests: int, warm_up: int) -> StepFigures:
    """Measures a bundle in interleaved rounds of both servers.

    Args:
        archive: The packed bundle.
        bundle: The bundle, whose golden rows are the requests.
        rounds: Number of rounds.
        requests: Number of requests of each round.
        warm_up: Number of requests before them.

    Raises:
        BenchmarkError: When the server does not start or a response is not 200.
    """
    plain: list[RoundTrip] = []
    stamped: list[RoundTrip] = []
    found: list[StepDurations] = []
    used: dict[str, list[float]] = {role: [] for role in _ROLES.values()}
    sent = _requests(bundle)
    for _ in range(rounds):
        with _warm(archive, sent, warm_up) as (_, server, connection):
            before = server.cpu_seconds()
            plain += round_trips(connection, sent, requests)
            after = server.cpu_seconds()
            for key, role in _ROLES.items():
                used[role].append((after[key] - before[key]) / requests * 1e6)
        with _warm(archive, sent, warm_up, "benchmarks.steps.stamped_server") as (folder, _, connection):
            trips = round_trips(connection, sent, requests)
            stamps = [*read_stamps(stamps_file(folder), POINTS)]
        stamped += trips
        found += durations_of(trips, stamps)
    with tempfile.NamedTemporaryFile() as file:
        stamp = cost_of_a_stamp(Path(file.name))
    return StepFigures(
        model=f"{bundle.manifest.name} {bundle.manifest.version}",
        rounds=rounds,
        requests=requests,
        unstamped=_median(plain),
        stamped=_median(stamped),
        processor={role: statistics.median(times) for role, times in used.items()},
        stamp=stamp,
        typical=typical(found),
        complete=len(found) / len(stamped),
    )


@contextmanager
def _warm(
    archive: Path, sent: Sequence[Request], warm_up: int, module: str = "serving"
) -> Iterator[tuple[Path, ServerOnCores, socket.socket]]:
    """Runs a server with one worker, both processes on one core, in a folder; a client has warmed it up."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.unpack_archive(archive, folder / "model", format="gztar", filter="data")
        with (
            mock.patch.dict("os.environ", {FOLDER: name}),
            ServerOnCores(folder, cores=f"{SERVER_CORE}", workers=1, fronts=1, module=module) as server,
            on_core(LOAD_CORE),
            connected(server.port) as connection,
        ):
            round_trips(connection, sent, warm_up)
            yield folder, server, connection


def _requests(bundle: Bundle) -> Sequence[Request]:
    bodies = [msgspec.json.encode(golden.instance).decode() for golden in bundle.manifest.golden]
    return [Request(path="/invocations", content_type=JSON, body=body) for body in bodies]


def _median(trips: Sequence[RoundTrip]) -> float:
    return statistics.median(trip.microseconds for trip in trips)
