"""Front process as its parent controls it: start, connections, order to stop, end."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING

from serving.fronts.passed_connections import CONNECTION, STOP
from serving.parent_process import die_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

EXIT_ERROR = 1
MAX_MESSAGE = 16 << 10


class FrontProcess:
    """One front process.

    Attributes:
        front: Its number among the fronts of the server.
        pid: Its process id.
        passed: How many connections were passed to it.
        channel: The parent's end of a socket pair with it.
        is_silent: Whether it has published no state for so long that it may hang.
    """

    def __init__(self, front: int, pid: int, channel: socket.socket) -> None:
        self.front = front
        self.pid = pid
        self.passed = 0
        self.channel = channel
        self.is_silent = False

    @classmethod
    def start(
        cls, front: int, run: Callable[[int, socket.socket], int], inherited: Iterable[socket.socket]
    ) -> FrontProcess:
        """Forks a front. The parent must have one thread and no event loop.

        Args:
            front: Its number.
            run: Runs the front with its number and its end of the channel; returns its exit code.
            inherited: Sockets of the parent, which the new process closes.

        Raises:
            OSError: When the machine cannot start another process.
        """
        channel, front_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            channel.close()
            front_end.close()
            raise
        if not pid:
            _become_front(parent, lambda: run(front, front_end), [channel, *inherited])
        front_end.close()
        channel.setblocking(False)
        return cls(front, pid, channel)

    def take(self, connection: socket.socket) -> bool:
        """Passes a connection to the front; returns whether the front can take it."""
        try:
            socket.send_fds(self.channel, [CONNECTION], [connection.fileno()])
        except OSError:
            return False
        self.passed += 1
        return True

    def stop(self) -> None:
        """Tells the front that the server is stopping."""
        with suppress(OSError):
            self.channel.send(STOP)

    def end_connections(self) -> None:
        """Tells the front that no more connections follow."""
        with suppress(OSError):
            self.channel.shutdown(socket.SHUT_WR)

    def message(self) -> str:
        """Returns why the front cannot serve the model; empty when it has ended."""
        try:
            return self.channel.recv(MAX_MESSAGE).decode(errors="replace")
        except OSError:
            return ""

    def kill(self) -> None:
        """Kills the process."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


def _become_front(parent: int, run: Callable[[], int], closing: Iterable[socket.socket]) -> None:
    """Runs a front in this new process and ends it, without a return into the code of the parent."""
    code = EXIT_ERROR
    try:
        # Only the parent stops a front: it still has requests to answer after SIGTERM.
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.setpgid(0, 0)
        die_with(parent)
        for inherited in closing:
            inherited.close()
        code = run()
    except BaseException:
        traceback.print_exc()
    finally:
        logging.shutdown()
        sys.stdout.flush()
        os._exit(code)
