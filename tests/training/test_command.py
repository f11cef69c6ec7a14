import json
import subprocess
import sys
import webbrowser
from pathlib import Path

import pytest

from bundle import read_archive
from tests.training.conftest import Command

ROOT = Path(__file__).parents[2]
NAMES = ("churn", "flight_delay", "iris", "line", "reviews")


@pytest.mark.slow
def test_a_process_of_the_command_writes_a_bundle_and_prints_its_metrics(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-W", "error", "-m", "training", "iris", "--out", str(tmp_path / "new" / "folder")],
        cwd=ROOT,
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    path = tmp_path / "new" / "folder" / "model.tar.gz"
    manifest = read_archive(path).manifest
    assert result.returncode == 0, result.stderr
    assert manifest.name == "iris"
    assert manifest.labels == ("setosa", "versicolor", "virginica")
    for expected in (
        manifest.version,
        str(path),
        "120 for training, 30 for testing",
        "accuracy",
        "base rate  0.3333",
    ):
        assert expected in result.stdout
    assert [line[9:].split()[0] for line in result.stderr.splitlines()][:3] == ["loading", "reading", "150"]


@pytest.mark.slow
def test_with_json_stdout_has_only_the_report(tmp_path: Path, command: Command) -> None:
    result = command("iris", "--json", "--out", str(tmp_path))

    report = json.loads(result.stdout)
    manifest = read_archive(tmp_path / "model.tar.gz").manifest
    assert report["metrics"] == manifest.metrics.values
    assert (report["train_rows"], report["test_rows"], report["dropped"]) == (120, 30, {})
    assert report["bytes"] == (tmp_path / "model.tar.gz").stat().st_size
    assert report["difference"] < 1e-5


def test_help_lists_arguments_and_exit_codes(command: Command) -> None:
    result = command("--help")

    assert result.returncode == 0
    for expected in (
        "MODEL",
        "--data",
        "--out",
        "--seed",
        "--json",
        "--open",
        "--list",
        "exit codes: 0 done",
    ):
        assert expected in result.stdout


def test_the_list_has_the_name_and_description_of_every_model(command: Command) -> None:
    result = command("--list")

    assert result.returncode == 0
    models = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert [line.split()[0] for line in models] == [*NAMES]
    assert "15 minutes late" in result.stdout
    assert result.stdout.count("--data sample") == len(NAMES)
    assert "s3://BUCKET/KEY-OR-PREFIX" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "no model is named: choose " + " or ".join(NAMES)),
        (["tulip"], "there is no model 'tulip': choose " + " or ".join(NAMES)),
        (["iris", "--seed", "-1"], "the seed -1 is not a whole number from 0 to 4294967295"),
        (["iris", "--fast"], "unrecognized arguments: --fast"),
        (
            ["iris", "--open", "--no-report"],
            "--open needs the page that --no-report leaves out: give one of them",
        ),
    ],
)
def test_wrong_arguments_are_refused_in_one_sentence(
    arguments: list[str], sentence: str, command: Command
) -> None:
    result = command(*arguments)

    assert result.returncode == 2
    assert result.stderr.splitlines()[-1] == f"python -m training: error: {sentence}"
    assert result.stdout == ""


@pytest.mark.parametrize("source", ["bts:2018", ""])
def test_an_unsupported_data_source_is_refused_in_one_sentence(source: str, command: Command) -> None:
    result = command("iris", "--data", source)

    assert result.returncode == 1
    expected = f"python -m training: This model has no data {source!r}, only its sample: leave --data out."
    assert result.stderr.splitlines()[-1] == expected


@pytest.mark.slow
def test_open_opens_the_page_in_the_browser(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a browser that records the opened addresses
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)

    # When a model is trained with --open
    result = command("iris", "--open", "--out", str(tmp_path))

    # Then the browser opens the page of the report
    page = tmp_path / "report.html"
    assert result.returncode == 0, result.stderr
    assert opened == [page.as_uri()]
    assert f"report     {page}" in result.stdout


@pytest.mark.slow
def test_no_report_writes_no_page(tmp_path: Path, command: Command) -> None:
    result = command("iris", "--no-report", "--out", str(tmp_path))

    assert result.returncode == 0, result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["model.tar.gz"]
    assert "95 % interval" in result.stdout


def test_the_error_names_an_output_folder_that_is_not_writable(tmp_path: Path, command: Command) -> None:
    (tmp_path / "taken").write_text("a file")

    result = command("iris", "--out", str(tmp_path / "taken"))

    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith("python -m training: The bundle cannot be written")
    assert str(tmp_path / "taken") in last


@pytest.mark.slow
def test_a_locale_that_lacks_a_character_of_the_report_escapes_it(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "training", "line", "--no-report", "--out", str(tmp_path)],
        cwd=ROOT,
        env={"PATH": "", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        encoding="ascii",
        check=False,
        timeout=300,
    )

    assert result.returncode == 0, result.stderr
    assert "R\\xb2" in result.stdout
