import gc
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bundle import read_archive
from tests.training.toys import add_model
from training import models
from training.__main__ import main
from training.errors import TrainingError
from training.model_catalog import importing_libraries, load_model, model_names, summary


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of additional models in the catalog."""
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
    return tmp_path


def test_a_model_has_the_name_of_its_file(folder: Path) -> None:
    add_model(folder, "points")

    assert model_names() == ["churn", "flight_delay", "iris", "line", "points", "reviews"]
    assert summary("points") == "A line through points."


@pytest.mark.slow
def test_a_new_model_needs_only_one_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given the file of a new regression model
    add_model(folder, "a_line")
    monkeypatch.delitem(sys.modules, "training.models.a_line", raising=False)

    # When the model is trained
    code = main(["a_line", "--out", str(folder / "out"), "--json"])

    # Then its bundle and its report are written
    report = json.loads(capsys.readouterr().out)
    manifest = read_archive(folder / "out" / "model.tar.gz").manifest
    assert code == 0
    assert (manifest.name, manifest.task, manifest.labels) == ("a_line", "regression", ())
    assert report["version"] == manifest.version
    assert report["metrics"]["r2"] == pytest.approx(1)
    for golden in manifest.golden:
        assert golden.prediction["value"] == pytest.approx(2 * golden.instance["x"] + 1)


def test_loading_a_model_without_its_library_names_the_library(folder: Path) -> None:
    (folder / "foreign.py").write_text('"""A model of a missing library."""\nimport no_such_library\n')

    with pytest.raises(
        TrainingError, match=r"foreign cannot be loaded \(No module named 'no_such_library'\)"
    ):
        load_model("foreign")


def test_an_example_that_its_field_refuses_is_refused_when_the_model_is_loaded(folder: Path) -> None:
    add_model(folder, "large")
    text = (folder / "large.py").read_text()
    assert "example=" in text
    (folder / "large.py").write_text(re.sub(r"example=[^,)]+", "example=1e300", text, count=1))

    with pytest.raises(TrainingError, match=r"field 'x' refuses its own example 1e\+300 \(Expected"):
        load_model("large")


def test_libraries_are_imported_without_the_garbage_collector_which_runs_afterwards() -> None:
    with importing_libraries(), importing_libraries():
        was_enabled = gc.isenabled()

    assert (was_enabled, gc.isenabled()) == (False, True)


def test_a_failed_import_leaves_the_garbage_collector_on() -> None:
    with pytest.raises(ImportError), importing_libraries():
        importlib.import_module("training.nothing")

    assert gc.isenabled()


def test_the_garbage_collector_never_looks_at_the_first_imports_and_at_all_later_objects() -> None:
    # A process of its own: pytest's has imported much before.
    program = (
        "import gc; from training.model_catalog import importing_libraries\n"
        "start = gc.get_freeze_count()\n"
        "with importing_libraries(): first = [[] for _ in range(1000)]\n"
        "frozen = gc.get_freeze_count()\n"
        "with importing_libraries(): second = [[] for _ in range(1000)]\n"
        "print(frozen - start >= 1000, gc.get_freeze_count() <= frozen)"
    )

    assert output(program) == "True True\n"


def test_imported_libraries_report_no_leak_at_the_end_of_the_process() -> None:
    program = (
        "from training.model_catalog import importing_libraries\nwith importing_libraries(): import duckdb"
    )

    assert output(program) == ""


def output(program: str) -> str:
    """Runs a program, and returns what it prints on both streams."""
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    ).stdout
