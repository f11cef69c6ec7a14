"""A port for an AWS of a test, which may stop and start again while others run."""

import os
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

from local.processes.listener import free_port

_HELD: list[FileLock] = []


def reserve_port() -> int:
    """Returns a free port that no other process of a test run gets while this process lives."""
    while True:
        port = free_port()
        lock = FileLock(Path(tempfile.gettempdir()) / f"port-{port}-{os.getuid()}.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            continue
        _HELD.append(lock)
        return port
