"""Progress of a training run: its messages, and the memory that a finished step leaves."""

import ctypes
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import pyarrow as pa
from tqdm import tqdm

_SECONDS_A_LINE = 5.0
_MB = 1_000_000
# Parameter of mallopt in the GNU C library's malloc.h.
_M_ARENA_MAX, _ARENAS = -8, 2


class Progress:
    """Writes one line for each step, with the seconds since the start; without a stream it is silent."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._start

    def step(self, text: str) -> None:
        """Returns the memory that the step before has freed, and writes the line of a step that begins."""
        return_freed_memory()
        self.write(text)

    def write(self, text: str) -> None:
        """Writes a line with the seconds since the start."""
        if self._stream is not None:
            print(f"[{self.seconds:5.1f} s] {text}", file=self._stream, flush=True)

    @contextmanager
    def transfer(self, what: str, done: int, total: int | None) -> Iterator[Callable[[int], object]]:
        """Shows a download: a bar on a terminal, else a line every few seconds.

        Args:
            what: Name of the download.
            done: Bytes that an earlier download has left.
            total: Size in bytes; None when it is unknown.

        Yields:
            A function to call with the number of bytes received since its last call.
        """
        if self._stream is not None and self._stream.isatty():
            with tqdm(
                desc=what, initial=done, total=total, unit="B", unit_scale=True, file=self._stream
            ) as bar:
                yield bar.update
            return
        self.write(f"downloading {what}{_of(done, total)}")
        yield _TransferLines(self, what, done, total)


class _TransferLines:
    """Writes the progress of a download every few seconds."""

    def __init__(self, progress: Progress, what: str, done: int, total: int | None) -> None:
        self._progress, self._what, self._done, self._total = progress, what, done, total
        self._shown = progress.seconds

    def __call__(self, size: int) -> None:
        self._done += size
        if self._progress.seconds - self._shown >= _SECONDS_A_LINE:
            self._shown = self._progress.seconds
            self._progress.write(f"{self._what}{_of(self._done, self._total)}")


def _of(done: int, total: int | None) -> str:
    whole = f" of {total / _MB:,.1f} MB" if total else " MB"
    return f": {done / _MB:,.1f}{whole}"


def limit_arenas() -> None:
    """Lets all threads allocate from two arenas: with one a thread, each keeps memory that it has freed.

    Saves 90 MB of 1,250 in a training on a year of flights.
    Source: mallopt(3) of the GNU C library; elsewhere nothing changes.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, _ARENAS)


def return_freed_memory() -> None:
    """Returns freed memory, which glibc keeps between other allocations: a tenth of a training on a year.

    Source: malloc_trim(3) of the GNU C library; elsewhere only Arrow returns its memory.
    """
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


SILENT = Progress()
