"""The command `python -m training table`."""

import json
from pathlib import Path

import pytest

from bundle import read_archive
from tests.training.conftest import Command
from tests.training.tables.tables import customers, write_csv
from training.data.data_options import DataOptions
from training.fit_plan import Plan
from training.fitting.fit import fit
from training.tables import command as table_command


@pytest.mark.slow
def test_the_command_writes_a_bundle_whose_report_says_how_it_came_about(
    tmp_path: Path, command: Command
) -> None:
    path = write_csv(tmp_path, customers())
    words = ("table", str(path), "--target", "churned", "--out", str(tmp_path), "--name", "leavers")

    text, again = command(*words, "--missed-cost", "3"), command(*words, "--json")

    manifest = read_archive(tmp_path / "model.tar.gz").manifest
    report = json.loads(again.stdout)
    assert text.returncode == again.returncode == 0, text.stderr
    assert (manifest.name, manifest.labels, manifest.threshold) == ("leavers", ("No", "Yes"), 0.25)
    assert manifest.version in text.stdout
    assert report["version"] == manifest.version
    assert report["metrics"]["roc_auc"] > 0.8
    assert "The column 'customer_id' is left out" in text.stdout
    assert "The test rows are a random fifth" in text.stdout
    assert "missed_cost = 3.0" in (tmp_path / "table.toml").read_text()
    assert (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("churn.csv", "--target", "a"), "there is a model churn already, training/models/churn.py"),
        (("größe.csv", "--target", "a", "--name", "Größe"), "'Größe' is no name of a model"),
        (("a.csv", "--target", "a", "--name", "sales_"), "no underscore last"),
        (("a.csv",), "no column to predict is named"),
        (("a.csv", "--target", "a", "--missed-cost", "0"), "--missed-cost 0 is not a number above 0"),
        (("a.csv", "--target", "a", "--seed", "-1"), "the seed -1 is not a whole number"),
    ],
)
def test_wrong_arguments_are_refused_before_the_table_is_read(
    command: Command, words: tuple[str, ...], sentence: str
) -> None:
    found = command("table", *words)

    assert found.returncode == 2
    assert sentence in found.stderr


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("data/Customers 2024.csv.gz", "customers_2024"),
        ("https://host/a/B-c.parquet?x=1", "b_c"),
        ("2024.csv", "table_2024"),
        ("a" * 60 + ".csv", "a" * 40),
        (f"2024{'a' * 29}_b.csv", f"table_2024{'a' * 29}"),
    ],
)
def test_a_model_has_the_name_of_its_file(source: str, name: str, command: Command) -> None:
    assert command("table", source, "--print-name").stdout == f"{name}\n"


@pytest.mark.slow
def test_a_model_file_is_written_that_trains_as_it_is(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = customers()
    table['it\'s "signed"'] = [f"{1 + row % 28:02d}.03.20{10 + row % 12}" for row in range(len(table))]
    path = write_csv(tmp_path, table, "Own.csv")
    monkeypatch.setattr(table_command, "MODELS_FOLDER", tmp_path)

    written = command("table", str(path), "--target", "churned", "--out", str(tmp_path), "--model-file")
    again = command("table", str(path), "--target", "churned", "--out", str(tmp_path), "--model-file")

    source = (tmp_path / "own.py").read_text()
    found: dict[str, object] = {}
    exec(compile(source, "own.py", "exec"), found)  # noqa: S102
    model = found["MODEL"]
    data = model.read(DataOptions())  # type: ignore[attr-defined]
    split = model.split(data, 0)  # type: ignore[attr-defined]
    assert written.returncode == 0, written.stderr
    assert "make test MODEL=own" in written.stdout
    assert fit(model, split.train, Plan()).outputs(split.test)[""].shape == (len(split.test), 2)  # type: ignore[arg-type]
    assert again.returncode == 2
    assert "there is a model own already" in again.stderr
