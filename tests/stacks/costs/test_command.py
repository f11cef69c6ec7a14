"""The command `python -m stacks.costs`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stacks.costs.__main__ import main
from stacks.settings.settings import ROOT
from tests.stacks.costs.round_prices import document


def test_without_arguments_it_prints_the_costs_of_cdk_jsons_settings() -> None:
    command = [sys.executable, "-m", "stacks.costs"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Dollars a month in us-east-1, at the prices of 20")
    assert "* configured: realtime, 1 x ml.m5.large" in done.stdout


def test_a_closed_pipe_ends_the_command_without_an_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)

    command = [sys.executable, "-m", "stacks.costs"]
    done = subprocess.run(
        command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=300, check=False
    )

    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_settings_of_the_command_line_are_used(capsys: pytest.CaptureFixture[str]) -> None:
    instances = []
    for count in ("1", "4"):
        assert main(["--json", "-c", "instance_type=ml.c5.xlarge", "-c", f"instance_count={count}"]) == 0
        found = json.loads(capsys.readouterr().out)
        instances.append(found["hostings"]["realtime"]["components"]["SageMaker instances"][0])

    assert instances == pytest.approx([0.204 * 730, 4 * 0.204 * 730])


def test_another_table_replaces_the_repositorys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.json").write_text(json.dumps(document()))

    assert main(["--prices", str(tmp_path / "mine.json")]) == 0

    assert "in moon-1, at the prices of 2026-01-31" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-c", "instance_count=0"], "The setting instance_count is '0'"),
        (["-c", "instance_kind=big"], "there is no such setting"),
        (["-c", "instance_type=ml.r5.large"], "no price for ml.r5.large"),
        (["--prices", "/there/is/no/table"], "The price table /there/is/no/table cannot be read"),
    ],
)
def test_invalid_settings_and_price_tables_give_one_sentence_and_exit_code_1(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1

    printed = capsys.readouterr()
    assert printed.out == ""
    [line] = printed.err.splitlines()
    assert message in line


@pytest.mark.parametrize("arguments", [["-c", "instance_count"], ["-c", "=1"], ["--prizes"], ["extra"]])
def test_invalid_arguments_give_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)

    assert exit_.value.code == 2
    assert "usage: python -m stacks.costs" in capsys.readouterr().err
