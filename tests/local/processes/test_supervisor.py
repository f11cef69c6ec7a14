"""Nothing is left behind, however AWS on this machine ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from local.aws import LocalAws
from local.errors import NotUpError
from local.processes import lifecycle
from tests.local.polling import until
from tests.local.process_ids import has_ended, is_free, record, server, serving, up, workers


def test_down_leaves_no_process_and_no_port(wanted: LocalAws) -> None:
    aws = up(wanted)
    pids = [record(aws), server(aws), serving(aws), *workers(aws)]

    assert lifecycle.down(wanted)

    assert [pid for pid in pids if not has_ended(pid)] == []
    assert is_free(aws.port)
    with pytest.raises(NotUpError, match="make run"):
        lifecycle.find(wanted)


def test_down_when_it_is_not_up_does_nothing(wanted: LocalAws) -> None:
    assert not lifecycle.down(wanted)
    assert not wanted.state.exists()


def test_down_never_touches_a_process_that_a_stale_record_names(wanted: LocalAws) -> None:
    up(wanted)
    lifecycle.down(wanted)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        wanted.pid_file.write_text(json.dumps({"pid": stranger.pid, "port": 1}))

        assert not lifecycle.down(wanted)

        assert stranger.poll() is None
        stranger.communicate()


@pytest.mark.parametrize("victims", [("server",), ("keeper",), ("keeper", "server")])
def test_whoever_is_killed_down_leaves_nothing(wanted: LocalAws, victims: tuple[str, ...]) -> None:
    aws = up(wanted)
    killed = {"keeper": record(aws), "server": server(aws)}
    pids = [*killed.values(), serving(aws), *workers(aws)]

    # Stopped first, so that none of them answers to the other's death.
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for victim in victims:
            os.kill(killed[victim], number)
    lifecycle.down(wanted)

    until(lambda: all(has_ended(pid) for pid in pids))
    assert lifecycle.find(up(wanted)).state == wanted.state


@pytest.mark.parametrize("victim", [server, record], ids=["server", "keeper"])
def test_whoever_is_killed_takes_everything_along(
    wanted: LocalAws, victim: Callable[[LocalAws], int]
) -> None:
    aws = up(wanted)
    pids = [record(aws), server(aws), serving(aws), *workers(aws)]

    os.kill(victim(aws), signal.SIGKILL)

    until(lambda: all(has_ended(pid) for pid in pids))
    assert is_free(aws.port)


def test_a_deleted_state_folder_ends_what_was_up_in_it(wanted: LocalAws) -> None:
    aws = up(wanted)
    pids = [record(aws), server(aws), *workers(aws)]

    shutil.rmtree(wanted.state)

    until(lambda: all(has_ended(pid) for pid in pids))
    assert is_free(aws.port)
