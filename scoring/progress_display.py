"""Progress of a run on standard error: rows, rows a second and the time left."""

import time
from collections.abc import Callable
from typing import TextIO

_SECONDS_A_LINE = 5.0
_SECONDS_ON_A_TERMINAL = 0.5


class RowProgress:
    """Writes one line again and again on a terminal, else a line every few seconds.

    Args:
        stream: Where the lines go; None for nowhere.
        clock: Returns seconds.
    """

    def __init__(self, stream: TextIO | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._start = clock()
        self._shown = self._start
        self._on_terminal = stream is not None and stream.isatty()
        self._pause = _SECONDS_ON_A_TERMINAL if self._on_terminal else _SECONDS_A_LINE
        # Rows, share and time before the first row of this run is scored.
        self._before: tuple[int, float, float] = (0, 0.0, self._start)

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._start

    def note(self, text: str) -> None:
        """Writes a line that stays."""
        if self._stream is not None:
            end = "\x1b[K\n" if self._on_terminal else "\n"
            print(text, file=self._stream, end=end, flush=True)

    def kept(self, rows: int, share: float) -> None:
        """Counts rows of an earlier run, which say nothing of the speed of this one."""
        self._before = rows, share, self._clock()

    def show(self, rows: int, share: float) -> None:
        """Shows the progress, unless it was shown a moment ago.

        Args:
            rows: Number of rows so far.
            share: Share of the input that they are.
        """
        now = self._clock()
        if self._stream is None or now - self._shown < self._pause:
            return
        self._shown = now
        text = f"{rows:,} rows{self._speed(rows, share)}"
        self._stream.write(f"\r{text}\x1b[K" if self._on_terminal else f"{text}\n")
        self._stream.flush()

    def _speed(self, rows: int, share: float) -> str:
        old_rows, old_share, start = self._before
        seconds = max(self._clock() - start, 1e-9)
        new_rows, new_share = rows - old_rows, share - old_share
        if new_rows <= 0 or new_share <= 0:
            return ""
        left = seconds * (1 - share) / new_share
        return f", {new_rows / seconds:,.0f} rows/s, {_duration(left)} left"

    def end(self) -> None:
        """Removes the line of a terminal."""
        if self._stream is not None and self._on_terminal:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
