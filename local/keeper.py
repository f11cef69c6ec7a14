"""Keeps AWS on this machine: starts the server in a session of its own and leaves nothing of it behind.

The keeper, the server and all the server starts are one process group, whose number is the keeper's
process id. Endpoint processes, server and keeper hold the lock file open, so the lock is free exactly when
all of them are gone, and while it is held the group's number cannot have passed to anybody else.
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

from local import lock

# What a crashed server's children get to finish in.
_GRACE_SECONDS = 2.0
_WATCH_SECONDS = 1.0


def main(argv: Sequence[str] | None = None) -> None:
    """Detach, run the server, and clear its process group away should it crash.

    Args:
        argv: The pid file, the port, the descriptors of lock and socket, and the server's command.
    """
    parser = argparse.ArgumentParser(prog="python -m local.keeper")
    parser.add_argument("pid_file", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("lock", type=int)
    parser.add_argument("socket", type=int)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args(argv)
    _detach()
    _record(arguments.pid_file, arguments.port)
    _run(arguments.command, arguments.pid_file, [arguments.lock, arguments.socket])
    _sweep()


def _detach() -> None:
    if os.fork():
        os._exit(0)
    os.setsid()


def _record(pid_file: Path, port: int) -> None:
    """Write who keeps what, in a file that is locked for as long as the keeper itself lives."""
    draft = pid_file.with_suffix(f".{os.getpid()}")
    descriptor = lock.acquire(draft)
    if descriptor is not None:
        os.write(descriptor, json.dumps({"pid": os.getpid(), "port": port}).encode())
    draft.replace(pid_file)


def _run(command: Sequence[str], pid_file: Path, descriptors: Sequence[int]) -> None:
    """Run the server to its end; it reads the keeper's death as the end of its standard input."""
    server = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=descriptors)
    # Or the port would accept, and never answer, after the server is gone.
    os.close(descriptors[-1])
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    threading.Thread(target=_watch, args=(server, pid_file), daemon=True).start()
    print(f"The server ended with exit code {server.wait()}.", flush=True)


def _watch(server: "subprocess.Popen[bytes]", pid_file: Path) -> None:
    """End a server whose state folder was deleted: nobody would find it any more to stop it."""
    while pid_file.exists():
        time.sleep(_WATCH_SECONDS)
    server.terminate()


def _sweep() -> None:
    """Clear away what a crashed server left; one that ends in order has ended the keeper too."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
