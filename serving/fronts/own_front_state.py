"""State of one front process: it publishes its own, and reads those of the other fronts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.fronts.shared_front_states import FrontState, SharedFrontStates
from serving.http.metric_counts import Counts, total

if TYPE_CHECKING:
    from collections.abc import Callable


class OwnFrontState:
    """Publishes the state of one front, and reads those of the others."""

    def __init__(self, states: SharedFrontStates, front: int, clock: Callable[[], float]) -> None:
        """Takes the front's record; a process that ended may have left counts there, which go on."""
        self.front = front
        self._states = states
        self._clock = clock
        before = states.read(front) or FrontState()
        self._inherited = [before.counts] if before.counts else []
        self._excused = before.excused

    def publish(self, reason: str | None, count: Callable[[], Counts], *, ready: bool) -> None:
        """Publishes the state; a replaced front is excused for a moment, until it was well once."""
        if reason is None:
            self._excused = 0.0
        counts = total([count(), *self._inherited])
        self._states.publish(self.front, FrontState(reason, ready, self._excused, counts))

    def unhealthy_reason(self) -> str | None:
        """Returns why another front is unhealthy; None when all others are well or excused."""
        now = self._clock()
        reasons = (state.reason for state in self._others() if now >= state.excused)
        return next(filter(None, reasons), None)

    def counts(self) -> list[Counts]:
        """Returns the counts of the other fronts, and of earlier processes of this front."""
        return [*self._inherited, *(state.counts for state in self._others() if state.counts)]

    def count_closed(self) -> None:
        """Records that a connection has ended."""
        self._states.count_closed(self.front)

    def _others(self) -> list[FrontState]:
        others = (self._states.read(front) for front in range(self._states.size) if front != self.front)
        return [state for state in others if state]
