"""Stamps: times at which a process reached the points of a request, in a file that outlives the process."""

import mmap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter_ns
from typing import Any, NamedTuple

_BYTES = 8
_CALLS = 20_000


class Stamp(NamedTuple):
    """The time at which a point was reached, in ns of the clock that all processes of a machine share."""

    time: int
    point: str


class Stamps:
    """Writes stamps to a file mapped into memory, which keeps them when the process is killed."""

    def __init__(self, path: Path, points: Sequence[str], capacity: int) -> None:
        """Creates the file.

        Args:
            path: The file; it has room for `capacity` stamps.
            points: Names of the points, fewer than stamps.
            capacity: Most stamps; later ones are dropped.
        """
        size = 2 * _BYTES * capacity
        with path.open("wb+") as file:
            file.truncate(size)
            self._numbers = memoryview(mmap.mmap(file.fileno(), size)).cast("q")
        self._points = {point: number for number, point in enumerate(points, start=1)}
        self._end = 2 * capacity
        self._next = 0

    def add(self, point: int) -> None:
        """Adds a stamp of a point, given its number."""
        position = self._next
        if position < self._end:
            self._numbers[position] = point
            self._numbers[position + 1] = perf_counter_ns()
            self._next = position + 2

    def number(self, point: str) -> int:
        """Returns the number of a point; 0, which is no point, for the empty name."""
        return self._points.get(point, 0)

    def wrap(self, function: Callable[..., Any], *, begin: str = "", end: str = "") -> Callable[..., Any]:
        """Returns a function that does the same, and adds stamps of the points at its start and its end."""
        add, first, last = self.add, self.number(begin), self.number(end)

        def stamped(*args: Any, **kwargs: Any) -> Any:
            if first:
                add(first)
            result = function(*args, **kwargs)
            if last:
                add(last)
            return result

        return stamped


def read_stamps(path: Path, points: Sequence[str]) -> Iterator[Stamp]:
    """Yields the stamps of a file in the order in which they were written."""
    numbers = memoryview(path.read_bytes()).cast("q")
    for position in range(0, len(numbers), 2):
        if not numbers[position]:
            return
        yield Stamp(numbers[position + 1], points[numbers[position] - 1])


def cost_of_a_stamp(path: Path) -> float:
    """Returns what one stamp costs with its share of the wrapped call, in µs."""

    def nothing() -> None:
        pass

    wrapped = Stamps(path, ["a", "b"], 2 * _CALLS).wrap(nothing, begin="a", end="b")
    return (_per_call(wrapped) - _per_call(nothing)) / 2


def _per_call(function: Callable[[], Any]) -> float:
    start = perf_counter_ns()
    for _ in range(_CALLS):
        function()
    return (perf_counter_ns() - start) / _CALLS / 1e3
