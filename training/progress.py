"""What training is at, for whoever waits."""

import time
from typing import TextIO


class Progress:
    """Writes one line a step, with the seconds since the start; without a stream it is silent."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._start

    def step(self, text: str) -> None:
        """Says what begins now."""
        if self._stream is not None:
            print(f"[{self.seconds:5.1f} s] {text}", file=self._stream, flush=True)


SILENT = Progress()
