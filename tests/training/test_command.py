import json
from pathlib import Path

import pytest

from bundle import read_archive
from tests.training.conftest import Command


def test_the_command_makes_a_bundle_and_says_how_good_it_is(tmp_path: Path, command: Command) -> None:
    result = command("iris", "--data", "sample", "--out", str(tmp_path / "new" / "folder"))

    path = tmp_path / "new" / "folder" / "model.tar.gz"
    manifest = read_archive(path).manifest
    assert result.returncode == 0, result.stderr
    assert manifest.name == "iris"
    assert manifest.labels == ("setosa", "versicolor", "virginica")
    for said in (
        manifest.version,
        str(path),
        "120 to learn from, 30 to test on",
        "accuracy",
        "base rate  0.3333",
    ):
        assert said in result.stdout
    assert [line[9:].split()[0] for line in result.stderr.splitlines()][:3] == ["loading", "reading", "150"]


def test_the_report_as_json_is_the_only_thing_on_stdout(tmp_path: Path, command: Command) -> None:
    result = command("iris", "--json", "--out", str(tmp_path))

    report = json.loads(result.stdout)
    manifest = read_archive(tmp_path / "model.tar.gz").manifest
    assert report["metrics"] == manifest.metrics.values
    assert (report["train_rows"], report["test_rows"], report["dropped"]) == (120, 30, {})
    assert report["bytes"] == (tmp_path / "model.tar.gz").stat().st_size
    assert report["difference"] < 1e-5


def test_help_names_arguments_and_exit_codes(command: Command) -> None:
    result = command("--help")

    assert result.returncode == 0
    for said in ("MODEL", "--data", "--out", "--seed", "--json", "--list", "exit codes: 0 done"):
        assert said in result.stdout


def test_the_list_names_every_model_with_what_it_is(command: Command) -> None:
    result = command("--list")

    assert result.returncode == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["flight_delay", "iris"]
    assert "15 minutes late" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "no model is named: choose flight_delay or iris"),
        (["tulip"], "there is no model 'tulip': choose flight_delay or iris"),
        (["iris", "--seed", "-1"], "the seed -1 is not a whole number from 0 to 4294967295"),
        (["iris", "--fast"], "unrecognized arguments: --fast"),
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
def test_data_a_model_has_not_are_refused_in_one_sentence(source: str, command: Command) -> None:
    result = command("iris", "--data", source)

    assert result.returncode == 1
    said = f"python -m training: This model has no data {source!r}: it has its sample only."
    assert result.stderr.splitlines()[-1] == said


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path, command: Command) -> None:
    (tmp_path / "taken").write_text("a file")

    result = command("iris", "--out", str(tmp_path / "taken"))

    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith("python -m training: The bundle cannot be written")
    assert str(tmp_path / "taken") in last
