"""Busy polling: the worker waits for the next request of a quick client without sleep."""

import select
from collections.abc import Callable
from time import perf_counter

# Longer than a client on this machine takes to read a response and to send its next request.
BUSY_SECONDS = 0.0001
# A poll that takes longer has been interrupted: another process has the processor.
INTERRUPTED_SECONDS = 0.0005
FEWEST_SLEEPS, MOST_SLEEPS = 32, 1_024
# So many requests without a pause make the next pause half as long.
REQUESTS_TO_RECOVER = 256


class BusyPolling:
    """Waits for events: without sleep for a moment, while this pays, and asleep after it.

    An idle processor halts. It takes about 30 µs to wake up, and its caches are cold then. Busy polling pays
    for a client that sends its next request at once. It does not pay for a slow client, and not while other
    processes need the processor, because a process that never sleeps is interrupted for milliseconds. In both
    cases it pauses: its next waits begin asleep, and more of them each time.
    """

    def __init__(self, events: select.poll, clock: Callable[[], float] = perf_counter) -> None:
        """Creates it; `clock` returns seconds."""
        self._poll = events.poll
        self._clock = clock
        self._sleeps = 0
        self._next_sleeps = FEWEST_SLEEPS
        self._in_a_row = 0

    def wait(self) -> list[tuple[int, int]]:
        """Returns the next events: pairs of a descriptor and its events."""
        if self._sleeps:
            self._sleeps -= 1
            return self._poll()
        last = self._clock()
        end = last + BUSY_SECONDS
        while last < end:
            found, before = self._poll(0), last
            last = self._clock()
            if last - before > INTERRUPTED_SECONDS:
                break
            if found:
                self._recover()
                return found
        self._sleeps, self._next_sleeps = self._next_sleeps, min(2 * self._next_sleeps, MOST_SLEEPS)
        self._in_a_row = 0
        return self._poll()

    def _recover(self) -> None:
        self._in_a_row += 1
        if self._in_a_row % REQUESTS_TO_RECOVER == 0:
            self._next_sleeps = max(self._next_sleeps // 2, FEWEST_SLEEPS)
