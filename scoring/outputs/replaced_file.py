"""File that replaces another one when it is complete."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def check_replaceable(path: Path) -> None:
    """Checks that a file system takes the file that `replaced_file` makes.

    Raises:
        OSError: When it does not, such as for a name that is too long.
    """
    partial = _partial_path(path.resolve())
    partial.touch()
    partial.unlink()


@contextmanager
def replaced_file(path: Path) -> Iterator[BinaryIO]:
    """Opens a new file, which takes the place of the one at `path` when it is complete and on the disk.

    A link stays one, and its target is replaced.
    """
    path = path.resolve()
    partial = _partial_path(path)
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _partial_path(path: Path) -> Path:
    return path.with_name(f".{path.name}.partial")
