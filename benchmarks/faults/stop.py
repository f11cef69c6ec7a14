"""The fault that every deployment is: the server is told to stop while it is asked."""

import signal
from pathlib import Path

from benchmarks.faults.load import Load
from benchmarks.faults.outcome import Outcome
from benchmarks.faults.server import Server

BEFORE = 500


def told_to_stop(folder: Path) -> Outcome:
    """SIGTERM at 500 requests a second."""
    with Server(folder) as server:
        server.until_well()
        with Load(server.port) as load:
            load.until(BEFORE)
            server.process.send_signal(signal.SIGTERM)
            code, seconds = server.until_exit()
            load.join()
    return Outcome.of(load, seconds=seconds, until=f"ended with {code}")
