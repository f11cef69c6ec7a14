"""Ends of a run by a signal, and the files of earlier runs."""

import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.training.conftest import Command
from tests.training.flights.files import text

ROOT = Path(__file__).parents[2]
# A shell reports a process that SIGTERM has ended so.
TERMINATED = 128 + signal.SIGTERM
# A run that stops while a file is unpacked, as with a very large one.
WAITING = """
import signal, sys
from training.engines.duckdb_engine import DuckDBEngine
from training.__main__ import main

def read(self, file):
    print("unpacked", flush=True)
    sys.stdin.readline()

DuckDBEngine.read = read
# The process that runs the tests may ignore SIGHUP.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_terminated_run_leaves_no_file_and_says_so(number: signal.Signals, tmp_path: Path) -> None:
    # Given a run that has unpacked its file
    (tmp_path / "flights.csv.gz").write_bytes(gzip.compress(text([{}]).encode()))
    options = ["flight_delay", "--data", "flights.csv.gz", "--out", "out"]
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, *options],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "unpacked\n"
        assert list((tmp_path / "build" / "data").glob("unpacked-*"))

        # When it is asked to end
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)

    # Then it removes its files, and ends as a shell expects
    assert process.returncode == TERMINATED
    assert errors.splitlines()[-1] == "python -m training: Interrupted, no bundle was written."
    assert list((tmp_path / "build" / "data").iterdir()) == []
    assert list((tmp_path / "out").iterdir()) == []


def test_no_report_removes_the_report_of_the_earlier_bundle(tmp_path: Path, command: Command) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report.html").write_text("earlier")
    (tmp_path / "report" / "roc.png").write_text("earlier")
    (tmp_path / "report" / "own.txt").write_text("not ours")

    result = command("line", "--no-report", "--out", str(tmp_path))

    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["model.tar.gz", "own.txt", "report"]


def test_an_interrupted_report_leaves_no_earlier_one(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "report.html").write_text("earlier")
    monkeypatch.setattr("training.training_run.evaluate", interrupt)

    result = command("line", "--out", str(tmp_path))

    assert result.returncode == 130
    assert result.stderr.splitlines()[-1].endswith("Interrupted: the bundle was written, the report was not.")
    assert [path.name for path in tmp_path.iterdir()] == ["model.tar.gz"]


def test_a_failed_run_keeps_the_earlier_bundle_and_its_report(tmp_path: Path, command: Command) -> None:
    (tmp_path / "report.html").write_text("earlier")

    result = command("line", "--data", "gone.csv", "--out", str(tmp_path))

    assert result.returncode == 1
    assert (tmp_path / "report.html").read_text() == "earlier"
