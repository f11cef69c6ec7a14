"""Start, search and stop of the emulator's processes."""

import contextlib
import dataclasses
import http.client
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from local import process_environment
from local.errors import LocalError, NotUpError, StartError
from local.local_aws import LOOPBACK_ADDRESS, ROOT, LocalAws
from local.processes import lock
from local.processes.listener import listen
from local.processes.log_file import last_lines

SERVING = (sys.executable, "-m", "serving", "serve")
TRAINING = (sys.executable, "-m", "training.sagemaker", "train")

# Folders below the state folder into which the server, MiniStack and the CDK CLI write.
_FOLDERS = ("endpoints", "training", "transform", "tmp", "cdk.out", "deleted_stack", "ministack", "s3")
_POLL_SECONDS = 0.05
# A server whose supervisor was killed ends within this time, and a new one has written its pid file.
_SETTLE_SECONDS = 3.0
# The lock, the record of the process and the first lines of the log.
_LEAST_FREE_BYTES = 1 << 16


def up(
    aws: LocalAws,
    *,
    environ: Mapping[str, str],
    serving: Sequence[str] = SERVING,
    training: Sequence[str] = TRAINING,
    timeout: float = 30.0,
) -> LocalAws:
    """Starts AWS on this machine, or finds the one that runs already.

    Args:
        aws: State folder and port; port 0 is a free one.
        environ: The user's environment.
        serving: The command of a serving process; each endpoint runs it once.
        training: The command of a training process; each instance of a training job runs it once.
        timeout: Seconds in which the server must answer.

    Returns:
        The same state folder with the actual port.

    Raises:
        PortTakenError: Another program listens on the port.
        StartError: The server ended or did not answer in time; the message has its last log lines.
        LocalError: The AWS of this state folder already runs on another port.
    """
    aws.state.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + timeout
    while (held := lock.acquire(aws.lock_file)) is None:
        with contextlib.suppress(NotUpError):
            return _same_port(aws, find(aws))
        if time.monotonic() > deadline:
            raise StartError(
                f"AWS on this machine has been starting or stopping for {timeout:g} s: see {aws.log}, or end "
                "its processes with `make stop`."
            )
        time.sleep(_POLL_SECONDS)
    try:
        started = _spawn(aws, held, (shlex.join(training), *serving), environ)
    finally:
        os.close(held)
    return _await_ready(started, deadline)


def find(aws: LocalAws) -> LocalAws:
    """Finds the running AWS of a state folder, on any port.

    Raises:
        NotUpError: It is not up, or it does not answer.
    """
    record = _read_pid_file(aws)
    if record is None or not lock.is_held(aws.lock_file):
        raise NotUpError("AWS on this machine is not up: run `make run` first.")
    found = dataclasses.replace(aws, port=record["port"])
    if not _answers(found):
        raise NotUpError(f"AWS on this machine does not answer on {found.url}: see {found.log}.")
    return found


def down(aws: LocalAws, *, timeout: float = 45.0) -> bool:
    """Stops AWS on this machine and every process that it started.

    Args:
        aws: The state folder identifies it; the port does not count.
        timeout: Seconds for an orderly end before the process group is killed.

    Returns:
        False when it was not up.

    Raises:
        LocalError: A process survived SIGKILL, or no process id is recorded.
    """
    if not lock.is_held(aws.lock_file):
        return False
    if not _wait(lambda: _read_pid_file(aws) is not None, _SETTLE_SECONDS):
        raise LocalError(
            f"A process holds the lock {aws.lock_file} and there is no {aws.pid_file}: end that process."
        )
    group = (_read_pid_file(aws) or {})["pid"]
    _kill(os.kill, group, signal.SIGTERM)
    _wait(lambda: not lock.is_held(aws.pid_file), timeout)
    # A server without supervisor ends in order too. A process that still holds the lock has no server.
    if not _wait(lambda: not lock.is_held(aws.lock_file), _SETTLE_SECONDS):
        _kill(os.killpg, group, signal.SIGKILL)
        if not _wait(lambda: not lock.is_held(aws.lock_file), timeout):
            raise LocalError(f"Process group {group} does not end after SIGKILL: see {aws.log}.")
    return True


def _spawn(aws: LocalAws, held: int, programs: Sequence[str], environ: Mapping[str, str]) -> LocalAws:
    _clear(aws)
    with listen(aws.port) as listener, aws.log.open("wb") as log:
        started = dataclasses.replace(aws, port=listener.getsockname()[1])
        descriptors = (held, listener.fileno())
        found = subprocess.run(
            _command(started, descriptors, programs),
            cwd=ROOT,
            env=process_environment.of_server(started, environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=descriptors,
            check=False,
        )
    if found.returncode:
        raise _not_started(aws)
    return started


def _command(aws: LocalAws, descriptors: Sequence[int], programs: Sequence[str]) -> list[str]:
    numbers = [str(number) for number in descriptors]
    supervisor = ["local.processes.supervisor", str(aws.pid_file), str(aws.port), *numbers]
    server = ["local.emulator.server", str(aws.state), str(aws.port), *numbers, *programs]
    return [sys.executable, "-m", *supervisor, sys.executable, "-m", *server]


def _clear(aws: LocalAws) -> None:
    """Removes the files of an earlier run, whose deployments do not exist any more."""
    # First, because `down` would send its signals to the process that has this id now.
    for file in (aws.pid_file, aws.outputs):
        file.unlink(missing_ok=True)
    for folder in _FOLDERS:
        shutil.rmtree(aws.state / folder, ignore_errors=True)
    (aws.state / "tmp").mkdir()


def _await_ready(aws: LocalAws, deadline: float) -> LocalAws:
    while time.monotonic() < deadline:
        with contextlib.suppress(NotUpError):
            return find(aws)
        if not lock.is_held(aws.lock_file):
            raise _not_started(aws)
        time.sleep(_POLL_SECONDS)
    down(aws, timeout=5.0)
    raise StartError(
        f"AWS on this machine did not answer in time. The end of {aws.log}:\n{last_lines(aws.log)}"
    )


def _not_started(aws: LocalAws) -> StartError:
    return StartError(
        f"AWS on this machine did not start. {_full_disk(aws)}The end of {aws.log}:\n{last_lines(aws.log)}"
    )


def _full_disk(aws: LocalAws) -> str:
    """Returns a sentence when nothing can be written, which the server cannot say in its log."""
    is_full = shutil.disk_usage(aws.state).free < _LEAST_FREE_BYTES
    return f"The disk of {aws.state} is full: make room on it. " if is_full else ""


def _same_port(wanted: LocalAws, found: LocalAws) -> LocalAws:
    if wanted.port not in (0, found.port):
        raise LocalError(
            f"AWS on this machine is up already, on port {found.port}: `make stop` stops it, "
            f"LOCAL_PORT={found.port} uses it, LOCAL_STATE=<folder> starts another beside it."
        )
    return found


def _answers(aws: LocalAws) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK_ADDRESS, aws.port, timeout=5.0)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _read_pid_file(aws: LocalAws) -> dict[str, Any] | None:
    try:
        record: dict[str, Any] = json.loads(aws.pid_file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return record


def _kill(kill: Callable[[int, int], None], target: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        kill(target, number)


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (done := condition()) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return done
