"""Supervisor of the emulator: `python -m local.processes.supervisor` starts the server in a new session.

The supervisor, the server and all processes that the server starts are one process group; its id is the
supervisor's process id. The supervisor, the server, and serving and training processes inherit the descriptor
of the lock file. The lock is therefore free exactly when all of them have ended, and while it is held the
group's id is not reused.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from local.processes import lock

# From SIGTERM to SIGKILL, for the child processes of a crashed server.
_GRACE_SECONDS = 2.0
_WATCH_SECONDS = 1.0


def main(argv: Sequence[str] | None = None) -> None:
    """Detaches from the terminal, runs the server, and ends its process group when the server crashes.

    Args:
        argv: The pid file, the port, the descriptors of lock and socket, and the server's command.
    """
    parser = argparse.ArgumentParser(prog="python -m local.processes.supervisor", description=main.__doc__)
    parser.add_argument("pid_file", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("lock", type=int)
    parser.add_argument("socket", type=int)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args(argv)
    _detach()
    _write_pid_file(arguments.pid_file, arguments.port)
    _run(arguments.command, arguments.pid_file, [arguments.lock, arguments.socket])
    _end_group()


def _detach() -> None:
    if os.fork():
        os._exit(0)
    os.setsid()


def _write_pid_file(pid_file: Path, port: int) -> None:
    """Writes process id and port into a file that stays locked until the supervisor ends."""
    draft = pid_file.with_suffix(f".{os.getpid()}")
    descriptor = lock.acquire(draft)
    if descriptor is not None:
        os.write(descriptor, json.dumps({"pid": os.getpid(), "port": port}).encode())
    draft.replace(pid_file)


def _run(command: Sequence[str], pid_file: Path, descriptors: Sequence[int]) -> None:
    """Runs the server until it ends; its standard input is closed when the supervisor dies."""
    server = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=descriptors)
    # An open copy of the listening socket would accept connections after the server has ended.
    os.close(descriptors[-1])
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    threading.Thread(target=_watch, args=(server, pid_file), daemon=True).start()
    print(f"The server ended with exit code {server.wait()}.", flush=True)


def _watch(server: "subprocess.Popen[bytes]", pid_file: Path) -> None:
    """Ends the server when its state folder is deleted: without the pid file no command can stop it.

    The folder may be made again at once, by another emulator.
    """
    while _is_own(pid_file):
        time.sleep(_WATCH_SECONDS)
    server.terminate()


def _is_own(pid_file: Path) -> bool:
    try:
        return bool(json.loads(pid_file.read_text(encoding="utf-8"))["pid"] == os.getpid())
    except (OSError, ValueError):
        return False


def _end_group() -> None:
    """Ends the processes of a crashed server; a server that ends in order has ended the group itself."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
