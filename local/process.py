"""Starts, finds and stops AWS on this machine."""

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

from local import environment, lock
from local.aws import ROOT, LocalAws
from local.errors import LocalError, NotUpError, StartError
from local.listener import HOST, listen
from local.tail import tail

SERVING = (sys.executable, "-m", "serving", "serve")
TRAINING = (sys.executable, "-m", "training.sagemaker", "train")

_POLL_SECONDS = 0.05
_ORPHAN_SECONDS = 3.0


def up(
    aws: LocalAws,
    *,
    environ: Mapping[str, str],
    serving: Sequence[str] = SERVING,
    training: Sequence[str] = TRAINING,
    timeout: float = 30.0,
) -> LocalAws:
    """Start AWS on this machine, or find it started.

    Args:
        aws: Where it is to be; port 0 takes a free one.
        environ: The user's environment.
        serving: The command that serves a model, run once an endpoint.
        training: The command that trains one, run once an instance of a training job.
        timeout: Seconds until it must answer.

    Returns:
        Where it is, with the port it really listens on.

    Raises:
        PortTakenError: Another program listens on the port.
        StartError: It ended at once or did not answer in time; the message holds its last words.
        LocalError: It is up already, on another port.
    """
    aws.state.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + timeout
    while (held := lock.acquire(aws.lock_file)) is None:
        with contextlib.suppress(NotUpError):
            return _same_port(aws, find(aws))
        if time.monotonic() > deadline:
            raise StartError(f"AWS on this machine is starting or ending and takes too long: see {aws.log}.")
        time.sleep(_POLL_SECONDS)
    try:
        started = _spawn(aws, held, (shlex.join(training), *serving), environ)
    finally:
        os.close(held)
    return _await_ready(started, deadline)


def find(aws: LocalAws) -> LocalAws:
    """Where the AWS of this state folder is up, whatever port was asked for.

    Raises:
        NotUpError: It is not up, or does not answer.
    """
    record = _record(aws)
    if record is None or not lock.is_held(aws.lock_file):
        raise NotUpError("AWS on this machine is not up: run `make run` first.")
    found = dataclasses.replace(aws, port=record["port"])
    if not _answers(found):
        raise NotUpError(f"AWS on this machine does not answer on {found.url}: see {found.log}.")
    return found


def down(aws: LocalAws, *, timeout: float = 45.0) -> bool:
    """Stop AWS on this machine with every process it started, and nothing else.

    Args:
        aws: Which one: the state folder decides.
        timeout: Seconds an orderly end may take before the process group is killed.

    Returns:
        Whether there was something to stop.

    Raises:
        LocalError: A process of it outlived even that.
    """
    if not lock.is_held(aws.lock_file):
        return False
    if not _wait(lambda: _record(aws) is not None, _ORPHAN_SECONDS):
        raise LocalError(f"Something holds {aws.lock_file} and no process id is recorded beside it.")
    group = (_record(aws) or {})["pid"]
    _kill(os.kill, group, signal.SIGTERM)
    _wait(lambda: not lock.is_held(aws.pid_file), timeout)
    # Without its keeper a server ends in order too; what holds the lock after that has neither any more.
    if not _wait(lambda: not lock.is_held(aws.lock_file), _ORPHAN_SECONDS):
        _kill(os.killpg, group, signal.SIGKILL)
        if not _wait(lambda: not lock.is_held(aws.lock_file), _ORPHAN_SECONDS):
            raise LocalError(f"Process group {group} does not end: see {aws.log}.")
    return True


def _spawn(aws: LocalAws, held: int, programs: Sequence[str], environ: Mapping[str, str]) -> LocalAws:
    _clear(aws)
    with listen(aws.port) as listener, aws.log.open("wb") as log:
        started = dataclasses.replace(aws, port=listener.getsockname()[1])
        descriptors = (held, listener.fileno())
        subprocess.run(
            _command(started, descriptors, programs),
            cwd=ROOT,
            env=environment.of_server(started, environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=descriptors,
            check=True,
        )
    return started


def _command(aws: LocalAws, descriptors: Sequence[int], programs: Sequence[str]) -> list[str]:
    numbers = [str(number) for number in descriptors]
    keeper = ["local.keeper", str(aws.pid_file), str(aws.port), *numbers]
    server = ["local.server", str(aws.state), str(aws.port), *numbers, *programs]
    return [sys.executable, "-m", *keeper, sys.executable, "-m", *server]


def _clear(aws: LocalAws) -> None:
    """Remove what an earlier one left, of which nothing is deployed any more."""
    for folder in ("endpoints", "training", "tmp", "cdk.out", "ministack", "s3"):
        shutil.rmtree(aws.state / folder, ignore_errors=True)
    for file in (aws.pid_file, aws.outputs):
        file.unlink(missing_ok=True)
    (aws.state / "tmp").mkdir()


def _await_ready(aws: LocalAws, deadline: float) -> LocalAws:
    while time.monotonic() < deadline:
        with contextlib.suppress(NotUpError):
            return find(aws)
        if not lock.is_held(aws.lock_file):
            raise StartError(f"AWS on this machine did not start. The end of {aws.log}:\n{tail(aws.log)}")
        time.sleep(_POLL_SECONDS)
    down(aws, timeout=5.0)
    raise StartError(f"AWS on this machine did not answer in time. The end of {aws.log}:\n{tail(aws.log)}")


def _same_port(wanted: LocalAws, found: LocalAws) -> LocalAws:
    if wanted.port not in (0, found.port):
        raise LocalError(
            f"AWS on this machine is up already, on port {found.port}: `make stop` ends it, "
            f"LOCAL_PORT={found.port} uses it, LOCAL_STATE=<folder> starts another beside it."
        )
    return found


def _answers(aws: LocalAws) -> bool:
    connection = http.client.HTTPConnection(HOST, aws.port, timeout=5.0)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _record(aws: LocalAws) -> dict[str, Any] | None:
    try:
        record: dict[str, Any] = json.loads(aws.pid_file.read_text())
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
