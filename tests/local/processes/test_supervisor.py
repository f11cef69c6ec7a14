"""End of AWS on this machine: every way of it ends all processes and frees the port."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local.errors import NotUpError
from local.local_aws import LocalAws
from local.processes import lifecycle
from local.processes.supervisor import _watch
from tests.local.polling import until
from tests.local.process_ids import has_ended, is_free, server, serving, supervisor, up, workers


@pytest.mark.slow
def test_down_leaves_no_process_and_no_port(wanted: LocalAws) -> None:
    aws = up(wanted)
    pids = [supervisor(aws), server(aws), serving(aws), *workers(aws)]

    assert lifecycle.down(wanted)

    assert [pid for pid in pids if not has_ended(pid)] == []
    assert is_free(aws.port)
    with pytest.raises(NotUpError, match="make run"):
        lifecycle.find(wanted)


def test_down_without_a_running_emulator_does_nothing(wanted: LocalAws) -> None:
    assert not lifecycle.down(wanted)
    assert not wanted.state.exists()


def test_down_does_not_end_a_foreign_process_named_by_a_stale_pid_file(wanted: LocalAws) -> None:
    up(wanted)
    lifecycle.down(wanted)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as foreign:
        wanted.pid_file.write_text(json.dumps({"pid": foreign.pid, "port": 1}))

        assert not lifecycle.down(wanted)

        assert foreign.poll() is None
        foreign.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("victims", [("server",), ("supervisor",), ("supervisor", "server")])
def test_down_after_a_kill_leaves_no_process(wanted: LocalAws, victims: tuple[str, ...]) -> None:
    aws = up(wanted)
    killed = {"supervisor": supervisor(aws), "server": server(aws)}
    pids = [*killed.values(), serving(aws), *workers(aws)]

    # SIGSTOP first, so that neither process reacts to the end of the other.
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for victim in victims:
            os.kill(killed[victim], number)
    lifecycle.down(wanted)

    until(lambda: all(has_ended(pid) for pid in pids))
    assert lifecycle.find(up(wanted)).state == wanted.state


@pytest.mark.slow
@pytest.mark.parametrize("victim", [server, supervisor], ids=["server", "supervisor"])
def test_a_killed_supervisor_or_server_ends_all_processes(
    wanted: LocalAws, victim: Callable[[LocalAws], int]
) -> None:
    aws = up(wanted)
    pids = [supervisor(aws), server(aws), serving(aws), *workers(aws)]

    os.kill(victim(aws), signal.SIGKILL)

    until(lambda: all(has_ended(pid) for pid in pids))
    assert is_free(aws.port)


@pytest.mark.slow
def test_a_deleted_state_folder_ends_all_processes(wanted: LocalAws) -> None:
    aws = up(wanted)
    pids = [supervisor(aws), server(aws), *workers(aws)]

    shutil.rmtree(wanted.state)

    until(lambda: all(has_ended(pid) for pid in pids))
    assert is_free(aws.port)


@pytest.mark.parametrize("left", [None, "", "another"])
def test_a_server_whose_pid_file_is_gone_or_is_that_of_another_emulator_is_ended(
    tmp_path: Path, left: str | None
) -> None:
    pid_file = tmp_path / "local.pid"
    if left is not None:
        # As when the folder was deleted, and `make run` has made it again.
        pid_file.write_text(left and json.dumps({"pid": os.getpid() + 1, "port": 1}))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as served:
        _watch(served, pid_file)

        assert served.wait() == -signal.SIGTERM
