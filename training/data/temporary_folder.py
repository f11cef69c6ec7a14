"""Temporary folders that the next run removes when the process that made them was killed."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def temporary_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Makes a temporary folder and removes it at the end; removes those that killed processes have left.

    A process holds a lock on each of its folders until it ends, in whatever way. The lock of the parent
    keeps another process from removing a folder before it is locked.

    Args:
        parent: Folder of the new folder.
        prefix: Beginning of its name; every folder of this name that no process holds is removed.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with _locked(parent):
        for old in parent.glob(f"{prefix}*"):
            if old.is_dir() and not old.is_symlink() and _is_free(old):
                shutil.rmtree(old, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _is_free(folder: Path) -> bool:
    with suppress(OSError):
        lock = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(lock)
    return True
