"""The command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.aws import ROOT


def run(state: Path, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "local", *arguments],
        cwd=ROOT,
        env={**os.environ, "LOCAL_STATE": str(state), "LOCAL_PORT": "0", **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_up_status_and_down_tell_in_json(tmp_path: Path) -> None:
    try:
        up = run(tmp_path, "up", "--json", AWS_PROFILE="no-such-profile")
        status = run(tmp_path, "status", "--json", AWS_PROFILE="no-such-profile")
        again = run(tmp_path, "up")
    finally:
        down = run(tmp_path, "down", "--json")
    after = run(tmp_path, "status", "--json")

    told = json.loads(up.stdout)
    assert told == json.loads(status.stdout)
    assert (told["up"], told["endpoints"], told["state"]) == (True, {}, str(tmp_path))
    assert told["url"] in again.stdout
    assert json.loads(down.stdout) == {"stopped": True}
    assert (after.returncode, json.loads(after.stdout)) == (1, {"up": False})


@pytest.mark.parametrize("command", ["status", "deploy", "destroy", "predict", "curl"])
def test_a_command_that_needs_it_up_says_so(tmp_path: Path, command: str) -> None:
    done = run(tmp_path, command)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == "AWS on this machine is not up: run `make run` first."


@pytest.mark.parametrize("port", ["http", "-1", "65536", "²"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    done = run(tmp_path, "up", LOCAL_PORT=port)

    assert done.returncode == 1
    assert done.stderr.startswith(f"LOCAL_PORT is {port!r}, which is not a port")


def test_help_names_every_command(tmp_path: Path) -> None:
    done = run(tmp_path, "--help")

    assert done.returncode == 0
    named = set(done.stdout.split())
    assert {"up", "down", "status", "deploy", "destroy", "predict", "curl", "run"} <= named


def test_a_command_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    done = run(tmp_path, "fly")

    assert done.returncode == 2
    assert "usage: python -m local" in done.stderr
