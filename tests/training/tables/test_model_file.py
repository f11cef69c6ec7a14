"""Model files of tables: their code needs no formatter, and says what the table is."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.training.tables.tables import customers, write_csv
from training.progress import Progress
from training.tables.model_file import write_model_file
from training.tables.table_preparation import Prepared, TableRequest, prepare

ROOT = Path(__file__).parents[3]


def _prepared(folder: Path, table: pd.DataFrame, target: str) -> Prepared:
    source = write_csv(folder, table)
    return prepare(TableRequest(source=str(source), target=target, out=folder), Progress())


def _ugly() -> pd.DataFrame:
    """Makes a table of names and texts that are long, wide, quoted, or of letters that look like others."""
    table = customers()
    rows = range(len(table))
    table["it's 5\" wide"] = [f"it's {row % 3}\"" for row in rows]
    table["a word after another " * 6 + "\\"] = [row % 17 for row in rows]
    table["年齢" * 22] = [row % 13 for row in rows]
    table["ο – ‘x’"] = [("‘a’ – ο", "b")[row % 2] for row in rows]  # noqa: RUF001
    table["plan of " + "x" * 90] = [f"value {row % 12:02d} of twelve" for row in rows]
    return table


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_formatter_and_linter_find_nothing_in_a_model_file(tmp_path: Path, task: str) -> None:
    table = _ugly()
    target = "what is to be predicted – " * 5  # noqa: RUF001
    rows = range(len(table))
    table[target] = {
        "binary": table["churned"],
        "multiclass": [f"class {row % 9} of a target" for row in rows],
        "regression": [row * 37 % 101 / 7 for row in rows],
    }[task]
    prepared = _prepared(tmp_path, table.drop(columns="churned"), target.strip())

    path = write_model_file(tmp_path / "own.py", prepared, name="own")

    source = path.read_text(encoding="utf-8")
    name = ["--stdin-filename", str(ROOT / "training" / "models" / "own.py"), "-"]
    ruff = [str(Path(sys.executable).with_name("ruff"))]
    for words in (["format", "--check", "--diff"], ["check"]):
        found = subprocess.run(
            [*ruff, *words, *name], input=source, capture_output=True, encoding="utf-8", cwd=ROOT, check=False
        )
        assert found.returncode == 0, found.stdout + found.stderr
    read: dict[str, object] = {}
    exec(compile(source, "own.py", "exec"), read)  # noqa: S102
    assert read["FIELDS"] == prepared.table.fields
    assert read["RECIPE"] == prepared.recipe
