"""Parts of the output, written as they are finished, so that an interrupted run goes on from them."""

import fcntl
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.csv as pa_csv

from scoring.errors import ScoringError
from scoring.outputs.output_format import OutputFormat

_RUN = "run.json"


class RowCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of a finished part.

    Attributes:
        rows: Number of its rows.
        refused: Number of those that could not be answered.
        labels: Number of answers by label.
        unreadable: Number of values that could not be read and count as absent, by field.
    """

    rows: int
    refused: int = 0
    labels: dict[str, int] = {}
    unreadable: dict[str, int] = {}


class _FinishedPart(msgspec.Struct, frozen=True, kw_only=True):
    counts: RowCounts
    sizes: list[int]


def total(counts: Iterable[RowCounts]) -> RowCounts:
    """Returns the counts of several parts together."""
    rows = refused = 0
    labels: Counter[str] = Counter()
    unreadable: Counter[str] = Counter()
    for one in counts:
        rows, refused = rows + one.rows, refused + one.refused
        labels.update(one.labels)
        unreadable.update(one.unreadable)
    return RowCounts(rows=rows, refused=refused, labels=dict(labels), unreadable=dict(unreadable))


class Parts:
    """The folder of an output's parts; only one process at a time uses it.

    Args:
        folder: The folder.
        run: Values that the parts depend on, by name: the inputs, the model, the options.
        format_: Format of the output.

    Attributes:
        note: Sentence on the parts of an interrupted run, which are kept or removed; "" without any.
    """

    def __init__(self, folder: Path, run: dict[str, Any], format_: OutputFormat) -> None:
        self._folder, self._format = folder, format_
        earlier, finished = self._earlier(), _finished(folder)
        self.note = _note(earlier, run, finished) if finished else ""
        if earlier != run:
            # Its folders hold the unpacked input.
            for path in [path for path in folder.iterdir() if path.is_file()]:
                path.unlink()
        _replace(folder / _RUN, msgspec.json.encode(run))

    def _earlier(self) -> dict[str, Any] | None:
        """Returns the values that the parts in the folder depend on; None when unknown."""
        try:
            return msgspec.json.decode((self._folder / _RUN).read_bytes(), type=dict[str, Any])
        except (OSError, msgspec.DecodeError):
            return None

    def finished(self, number: int) -> RowCounts | None:
        """Returns the counts of a part; None when it is not finished, or damaged."""
        try:
            found = msgspec.json.decode(self._path(number, "json").read_bytes(), type=_FinishedPart)
        except (OSError, msgspec.DecodeError):
            return None
        return found.counts if found.sizes == self._sizes(number) else None

    def write(self, number: int, rows: pa.Table, errors: pa.Table, counts: RowCounts) -> None:
        """Writes a part; it is finished when its counts are there."""
        self._format.write_part(self._path(number, "rows"), rows)
        if len(errors):
            options = pa_csv.WriteOptions(include_header=False)
            pa_csv.write_csv(errors, self._path(number, "errors"), options)
        finished = _FinishedPart(counts=counts, sizes=self._sizes(number))
        _replace(self._path(number, "json"), msgspec.json.encode(finished))

    def remove(self) -> None:
        """Removes the parts of a whole output."""
        for path in self._folder.glob("*.json"):
            path.unlink()

    def rows(self, count: int) -> list[Path]:
        """Returns the files of the first parts."""
        return [self._path(number, "rows") for number in range(count)]

    def errors(self, count: int) -> list[Path]:
        """Returns the files of errors of the first parts, of those that have some."""
        paths = [self._path(number, "errors") for number in range(count)]
        return [path for path in paths if path.exists()]

    def _sizes(self, number: int) -> list[int]:
        """Returns the bytes of the files of a part: a power failure may leave them empty."""
        paths = [self._path(number, kind) for kind in ("rows", "errors")]
        return [path.stat().st_size for path in paths if path.exists()]

    def _path(self, number: int, kind: str) -> Path:
        return self._folder / f"{number:06d}.{kind}"


@contextmanager
def parts_folder(out: Path) -> Iterator[Path]:
    """Makes the folder of an output's parts, unless it is there, and locks it; removes one without parts.

    Raises:
        ScoringError: When another process uses it.
    """
    folder = out.with_name(f".{out.name}.parts")
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ScoringError(
                f"Another process is writing {out}: wait until it has finished, or name another file."
            ) from error
        yield folder
    finally:
        if not _finished(folder):
            shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _note(earlier: dict[str, Any] | None, run: dict[str, Any], finished: int) -> str:
    if earlier is None:
        return "It is not known which input and model the interrupted run had: all rows are scored anew."
    changed = [name for name in {**earlier, **run} if earlier.get(name) != run.get(name)]
    if changed:
        return f"The {' and '.join(changed)} changed since the interrupted run: all rows are scored anew."
    return f"Going on after {finished} parts that an interrupted run has left."


def _finished(folder: Path) -> int:
    """Returns the number of finished parts."""
    return sum(path.name != _RUN for path in folder.glob("*.json"))


def _replace(path: Path, data: bytes) -> None:
    partial = path.with_suffix(".partial")
    partial.write_bytes(data)
    partial.replace(path)
