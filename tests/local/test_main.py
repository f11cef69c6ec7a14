"""`python -m local`: commands, arguments and exit codes."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.__main__ import main
from local.commands import COMMANDS
from local.local_aws import ROOT, LocalAws
from tests.inherited_environ import inherited_environ


def run(state: Path, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "local", *arguments],
        cwd=ROOT,
        env={**inherited_environ(), "LOCAL_STATE": str(state), "LOCAL_PORT": "0", **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_up_status_and_down_print_json(tmp_path: Path) -> None:
    try:
        up = run(tmp_path, "up", "--json", AWS_PROFILE="no-such-profile")
        status = run(tmp_path, "status", "--json", AWS_PROFILE="no-such-profile")
        again = run(tmp_path, "up")
    finally:
        down = run(tmp_path, "down", "--json")
    after = run(tmp_path, "status", "--json")

    printed = json.loads(up.stdout)
    assert printed == json.loads(status.stdout)
    assert (printed["up"], printed["endpoints"], printed["state"]) == (True, {}, str(tmp_path))
    assert printed["url"] in again.stdout
    assert json.loads(down.stdout) == {"stopped": True}
    assert (after.returncode, json.loads(after.stdout)) == (1, {"up": False})


@pytest.mark.parametrize("command", ["status", "deploy", "destroy", "predict", "curl", "smoke", "postman"])
def test_a_command_without_aws_up_prints_how_to_start_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    code = main([command], {"LOCAL_STATE": str(tmp_path)})

    printed = capsys.readouterr()
    assert (code, printed.out) == (1, "")
    assert printed.err.splitlines()[-1] == "AWS on this machine is not up: run `make run` first."


def test_a_state_folder_that_cannot_be_written_is_named_with_the_variable_that_moves_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken"
    taken.touch()

    code = main(["up"], {"LOCAL_STATE": str(taken / "state"), "LOCAL_PORT": "0"})

    assert code == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"{taken}/state cannot be written (Not a directory): name another folder as LOCAL_STATE."
    )


def test_another_file_without_permission_is_named_without_advice_about_the_state(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "rows.csv"))

    monkeypatch.setattr("local.commands.lifecycle.up", refuse)

    code = main(["up"], {"LOCAL_STATE": str(tmp_path / "state"), "LOCAL_PORT": "0"})

    assert code == 1
    assert capsys.readouterr().err.splitlines()[-1] == f"{tmp_path}/rows.csv: Permission denied."


def test_an_interrupted_command_says_that_aws_stays_up(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("local.commands.lifecycle.up", interrupt)

    codes = [main(["up"], {"LOCAL_STATE": str(state)}) for state in (aws.state, tmp_path)]

    printed = capsys.readouterr()
    assert (codes, printed.out) == ([130, 130], "")
    assert printed.err == "Interrupted. AWS on this machine stays up: `make stop` stops it.\n"


@pytest.mark.parametrize("port", ["http", "-1", "65536", "²"])
def test_an_invalid_port_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str], port: str) -> None:
    code = main(["up"], {"LOCAL_STATE": str(tmp_path), "LOCAL_PORT": port})

    assert code == 1
    assert capsys.readouterr().err.startswith(f"LOCAL_PORT is {port!r}, which is not a port")


def test_an_invalid_speed_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["up"], {"LOCAL_STATE": str(tmp_path), "LOCAL_PORT": "0", "LOCAL_SPEED": "fast"})

    assert code == 1
    assert capsys.readouterr().err.startswith("LOCAL_SPEED is 'fast', which is not a positive number")


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"], {})

    words = set(capsys.readouterr().out.split())
    assert {command.__name__ for command in COMMANDS} <= words
    assert {"up", "down", "status", "deploy", "destroy", "predict", "curl", "run"} <= words


def test_an_unknown_command_is_a_usage_error(tmp_path: Path) -> None:
    done = run(tmp_path, "fly")

    assert done.returncode == 2
    assert "usage: python -m local" in done.stderr


@pytest.mark.parametrize("utf8", ["0", "1"])
@pytest.mark.slow
def test_a_row_is_read_as_utf_8_whatever_the_locale(tmp_path: Path, utf8: str) -> None:
    locale = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": utf8}

    done = run(tmp_path, "predict", "--row", '{"place": "Zürich"}', **locale)
    refused = run(tmp_path, "predict", "--row", os.fsdecode(b'{"place": "Z\xfcrich"}'), **locale)

    assert done.stderr.splitlines() == ["AWS on this machine is not up: run `make run` first."]
    assert refused.stderr.splitlines()[-1].endswith("the row is not in UTF-8, the encoding of JSON")
