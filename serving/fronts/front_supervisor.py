"""Parent of several front processes: starts and replaces them, passes connections, and stops them."""

from __future__ import annotations

import os
import select
import signal
import socket
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from serving.fronts.front_interfaces import DRAIN_SECONDS, LINGER_SECONDS, TICK_SECONDS
from serving.fronts.front_process import FrontProcess
from serving.fronts.shared_front_states import FrontState
from serving.http.listener import PAUSE_SECONDS, drop_new_connections
from serving.log import log_event
from serving.workers.health import REPLACED_SECONDS
from serving.workers.supervisor import MAX_FAILED_STARTS, restart_pause

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from serving.fronts.connection_dispatcher import ConnectionDispatcher
    from serving.fronts.shared_front_states import SharedFrontStates

EXIT_STOPPED, EXIT_NO_FRONT, EXIT_NO_MODEL = 0, 1, 3
# A front publishes its state at every tick. Ticks are counted and not seconds, because a container may be
# paused: then no process is slower than another.
SILENT_TICKS = 100
# A front that is silent so long receives no connection that another can take.
SUSPECT_TICKS = 5
# A little longer than a front itself waits for its requests.
END_SECONDS = 8.5

_ENDED = "A front process ended and is being replaced."


class _Place:
    """The place of a front, across the processes that run in it one after the other."""

    def __init__(self) -> None:
        self.failed_starts = 0
        self.start_at: float | None = 0.0
        self.sequence = 0
        self.silent_ticks = 0


class FrontSupervisor:
    """Keeps every front running, until a signal or until the model cannot be served."""

    def __init__(
        self,
        listener: socket.socket,
        states: SharedFrontStates,
        dispatcher: ConnectionDispatcher,
        run_front: Callable[[int, socket.socket], int],
    ) -> None:
        """Creates the supervisor.

        Args:
            listener: The listening socket.
            states: The states of the fronts.
            dispatcher: Passes connections to the fronts.
            run_front: Runs a front, given its number and its end of the channel; returns its exit code.
        """
        self._listener = listener
        self._states = states
        self._dispatcher = dispatcher
        self._fronts = dispatcher.fronts
        self._run_front = run_front
        self._places = [_Place() for _ in range(states.size)]
        self._exit_code: int | None = None
        self._was_ready = False
        self._accepts_at: float | None = 0.0
        self._next_tick = 0.0

    def run(self) -> int:
        """Runs until the end of all fronts; returns the exit code."""
        with self._signals() as self._wake:
            self._turn_until(lambda: self._exit_code is not None)
            self._stop()
        assert self._exit_code is not None  # noqa: S101  # the loop above ends with it
        return self._exit_code

    @contextmanager
    def _signals(self) -> Iterator[socket.socket]:
        """Yields a socket that becomes readable at a signal."""
        wake, written = socket.socketpair()
        written.setblocking(False)
        with wake, written:
            signal.set_wakeup_fd(written.fileno())
            for signum in (signal.SIGTERM, signal.SIGINT):
                signal.signal(signum, self._take_signal)
            yield wake
            signal.set_wakeup_fd(-1)

    def _take_signal(self, *_: object) -> None:
        if self._exit_code is None:
            self._exit_code = EXIT_STOPPED

    def _turn_until(self, condition: Callable[[], bool], seconds: float = float("inf")) -> None:
        end = monotonic() + seconds
        while not condition() and (now := monotonic()) < end:
            if now >= self._next_tick:
                self._next_tick = now + TICK_SECONDS
                self._tick(now)
            self._poll(min(end, self._next_tick) - now, now)

    def _poll(self, seconds: float, now: float) -> None:
        """Waits for events, at most so many seconds, and handles them."""
        readers: list[socket.socket] = [self._wake, *(front.channel for front in self._fronts.values())]
        if self._accepts_at is not None and now >= self._accepts_at:
            readers.append(self._listener)
        poll = select.poll()
        for reader in readers:
            poll.register(reader, select.POLLIN)
        ready = {descriptor for descriptor, _ in poll.poll(max(seconds, 0) * 1_000)}
        if self._wake.fileno() in ready:
            self._wake.recv(64)
        for front in tuple(self._fronts.values()):
            if front.channel.fileno() in ready:
                self._hear(front)
        if self._listener.fileno() in ready and not self._dispatcher.accept_some():
            self._accepts_at = monotonic() + PAUSE_SECONDS

    def _tick(self, now: float) -> None:
        self._reap()
        for number, place in enumerate(self._places):
            if front := self._fronts.get(number):
                self._watch(front, place)
            elif self._exit_code is None and place.start_at is not None and now >= place.start_at:
                self._start(number, place)

    def _watch(self, front: FrontProcess, place: _Place) -> None:
        sequence = self._states.sequence(front.front)
        place.silent_ticks = 0 if sequence != place.sequence else place.silent_ticks + 1
        place.sequence = sequence
        front.is_silent = place.silent_ticks >= SUSPECT_TICKS
        if self._states.is_ready(front.front):
            place.failed_starts = 0
            self._was_ready = True
        if place.silent_ticks >= SILENT_TICKS:
            log_event("error", "front hangs", front=front.pid)
            place.silent_ticks = 0
            front.kill()

    def _start(self, number: int, place: _Place) -> None:
        place.failed_starts += 1
        inherited = [self._wake, *self._dispatcher.sockets()]
        self._states.clear_closed(number)
        try:
            front = FrontProcess.start(number, self._run_front, inherited)
        except OSError as error:
            self._lose(number, f"No process can be started: {error.strerror}.")
            return
        self._fronts[number] = front
        place.silent_ticks = 0
        log_event("info", "front started", front=front.pid)

    def _hear(self, front: FrontProcess) -> None:
        """Handles a report of a front: that it cannot serve the model, or by its end that it has ended."""
        reason = front.message()
        if not reason:
            self._reap()
        elif self._was_ready:
            # Others serve this model: another process is tried in its place.
            log_event("error", "front cannot serve", front=front.pid, reason=reason)
            front.end_connections()
        elif self._exit_code is None:
            log_event("critical", "model cannot be served", reason=reason)
            self._exit_code = EXIT_NO_MODEL

    def _reap(self) -> None:
        """Takes note of the processes that have ended; as process 1 of a container, of any others too."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            for number, front in tuple(self._fronts.items()):
                if front.pid == pid:
                    held = self._dispatcher.held(front)
                    del self._fronts[number]
                    front.channel.close()
                    code = os.waitstatus_to_exitcode(status)
                    self._lose(number, f"The front {pid} ended with code {code}.", connections=held)

    def _lose(self, number: int, reason: str, *, connections: int = 0) -> None:
        if self._exit_code is None or connections:
            log_event("error", "front lost", reason=reason, connections=connections)
        if self._exit_code is not None:
            return
        place, now = self._places[number], monotonic()
        if not self._was_ready and place.failed_starts >= MAX_FAILED_STARTS:
            log_event("critical", "no front can be started", reason=reason)
            self._exit_code = EXIT_NO_FRONT
        place.start_at = now + restart_pause(place.failed_starts)
        self._next_tick = min(self._next_tick, place.start_at)
        state = self._states.read(number)
        counts = state.counts.without_gauges() if state and state.counts else None
        self._states.publish(number, FrontState(_ENDED, excused=now + REPLACED_SECONDS, counts=counts))

    def _stop(self) -> None:
        """Ends the connections that are accepted, then waits until each front has completed its requests."""
        for front in self._fronts.values():
            front.stop()
        if self._exit_code == EXIT_STOPPED and self._was_ready:
            # Time for load balancers to see the 503 of /ping; requests that arrive meanwhile are answered.
            self._turn_until(lambda: not self._fronts, LINGER_SECONDS)
        drop_new_connections(self._listener)
        self._turn_until(lambda: not self._fronts, DRAIN_SECONDS)
        self._turn_until(lambda: not self._fronts or self._dispatcher.drain(), LINGER_SECONDS)
        self._accepts_at = None
        self._listener.close()
        for front in self._fronts.values():
            front.end_connections()
        self._turn_until(lambda: not self._fronts, END_SECONDS)
        for front in self._fronts.values():
            connections = self._dispatcher.held(front)
            log_event("error", "front does not end", front=front.pid, connections=connections)
            front.kill()
