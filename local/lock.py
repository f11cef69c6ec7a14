"""The lock that tells whether AWS on this machine is up."""

import fcntl
import os
from pathlib import Path


def acquire(path: Path) -> int | None:
    """Take the lock.

    Args:
        path: The lock file; made when it is not there.

    Returns:
        The open descriptor that holds it, with every process that inherits it, or None when it is held.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if _try(descriptor, fcntl.LOCK_EX):
        return descriptor
    os.close(descriptor)
    return None


def is_held(path: Path) -> bool:
    """Whether some process holds the lock; asking does not disturb others who ask."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _try(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _try(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
