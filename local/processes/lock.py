"""Lock file that is held while a process of the emulator runs."""

import fcntl
import os
from pathlib import Path


def acquire(path: Path) -> int | None:
    """Takes the exclusive lock.

    Args:
        path: The lock file; it is created if it does not exist.

    Returns:
        The open file descriptor that holds the lock, or None when another process holds it. Each process
        that inherits the descriptor holds the lock too.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if _lock(descriptor, fcntl.LOCK_EX):
        return descriptor
    os.close(descriptor)
    return None


def is_held(path: Path) -> bool:
    """Whether a process holds the exclusive lock.

    The test takes a shared lock, so that concurrent tests do not take each other for the holder.
    """
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
