"""Runs `python -m MODULE` in forks of a process that has imported the packages of the commands.

Imports take most of the processor time of a command. A fork has its own environment, working directory,
arguments, output and exit code, as a process that is started anew.
"""

import functools
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

_THIS = "tests.forking_python"
# Modules that most commands import.
_MODULES = ("boto3", "botocore.session", "local.commands", "stacks.commands.endpoint")
_MOST_BYTES = 1 << 20


def run_module(
    module: str, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """Runs a module of this checkout as `python -m` does, and returns its output.

    Raises:
        TimeoutExpired: It has not ended in time; it is killed.
    """
    command = [sys.executable, "-m", module, *arguments]
    request = {"module": module, "arguments": [*arguments], "cwd": str(cwd), "env": dict(env)}
    ours, theirs = _socketpair()
    with ours, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        with theirs:
            descriptors = [theirs.fileno(), output.fileno(), errors.fileno()]
            socket.send_fds(_server()[0], [json.dumps(request).encode()], descriptors)
        process = int(ours.recv(_MOST_BYTES))
        if not select.select([ours], [], [], timeout)[0]:
            os.kill(process, signal.SIGKILL)
            raise subprocess.TimeoutExpired(command, timeout)
        code = int(ours.recv(_MOST_BYTES))
        texts = [os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0) for file in (output, errors)]
    return subprocess.CompletedProcess(command, code, *(text.decode() for text in texts))


@functools.cache
def _server() -> tuple[socket.socket, "subprocess.Popen[bytes]"]:
    """Starts the process of which programs are forks; it ends with this process."""
    ours, theirs = _socketpair()
    with theirs:
        command = [sys.executable, "-m", _THIS, str(theirs.fileno())]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
    return ours, process


def _socketpair() -> tuple[socket.socket, socket.socket]:
    """Returns two sockets between which messages stay whole."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def _serve(requests: socket.socket) -> dict[str, Any]:
    """Forks a process for each request; returns in that process, with the request."""
    # The system reaps the processes that only wait for another one.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, _MOST_BYTES, 3)
        if not message:
            os._exit(0)
        if not os.fork():
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            requests.close()
            _fork_again(*descriptors)
            request: dict[str, Any] = json.loads(message)
            return request
        for descriptor in descriptors:
            os.close(descriptor)


def _fork_again(status: int, output: int, errors: int) -> None:
    """Returns in a new process; this one waits for it, and writes its id and its exit code."""
    if process := os.fork():
        os.write(status, f"{process}".encode())
        os.close(output)
        os.close(errors)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        os.write(status, f"{code}".encode())
        os._exit(0)
    os.close(status)
    for target, descriptor in ((1, output), (2, errors)):
        os.dup2(descriptor, target)
        os.close(descriptor)


if __name__ == "__main__":
    for name in _MODULES:
        importlib.import_module(name)
    gc.freeze()
    program = _serve(socket.socket(fileno=int(sys.argv[1])))
    os.chdir(program["cwd"])
    os.environ.clear()
    os.environ.update(program["env"])
    sys.argv[1:] = program["arguments"]
    runpy.run_module(program["module"], run_name="__main__", alter_sys=True)
