"""docs/add-a-model.md, followed literally; a model of a user's own table; an imported model."""

import json
import os
import re
import subprocess

import pandas as pd
import pytest

from tests.e2e.support.account import ROOT, Account
from tests.training.tables.tables import customers, write_csv

PAGE = (ROOT / "docs" / "add-a-model.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_files_and_commands_of_the_page_make_a_model_that_answers_as_shown(newcomer: Account) -> None:
    # Given the file of the page, at the path named there
    [path] = re.findall(r"^This is the whole file `(training/models/\w+\.py)`:$", PAGE, re.MULTILINE)
    source, _ = blocks("python")
    (newcomer.root / path).write_text(source)

    # When the commands of the page run one after the other
    *before, last = blocks("bash")
    for command in before:
        newcomer.run("bash", "-euo", "pipefail", "-c", command)
    printed = json.loads(newcomer.run("bash", "-euo", "pipefail", "-c", last).stdout)

    # Then the answer is the one of the page, up to its rounding and the version
    [told] = map(json.loads, blocks("json"))
    assert printed["predictions"][0].pop("probability") == pytest.approx(
        told["predictions"][0].pop("probability"), abs=0.0051
    )
    told["model"]["version"] = printed["model"]["version"]
    assert printed == told


def test_the_file_of_the_page_passes_make_check(newcomer: Account) -> None:
    path = newcomer.root / "training" / "models" / "sixth.py"
    path.write_text(blocks("python")[0])

    # Without what `make check` has found before, mypy checks every package again.
    cached = os.environ | {"MYPY_CACHE_DIR": str(ROOT / "build" / ".mypy_cache")}

    for check in (["ruff", "format", "--check"], ["ruff", "check"], ["mypy"]):
        done = subprocess.run(
            [str(ROOT / ".venv" / "bin" / check[0]), *check[1:], "training/models/sixth.py"],
            cwd=newcomer.root,
            env=cached,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_make_run_serves_a_model_of_a_users_own_table(newcomer: Account) -> None:
    # Given a table beside the project, and a column to predict
    write_csv(newcomer.root, customers(), "Own customers.csv")

    # When make run gets both
    done = newcomer.run("make", "run", "DATA=Own customers.csv", "TARGET=churned")

    # Then a model of the name of the file answers, with the labels of the column
    answer = json.loads(re.findall(r"^\{.*\}$", done.stdout, re.MULTILINE)[-1])
    assert answer["model"]["name"] == "own_customers"
    assert answer["predictions"][0]["label"] in ("No", "Yes")
    assert (newcomer.root / "build" / "own_customers" / "table.toml").exists()
    assert f"GET   http://127.0.0.1:{newcomer.port}/" in done.stdout + done.stderr


def test_make_run_serves_a_model_that_another_tool_made(newcomer: Account) -> None:
    # Given a bundle of an imported model
    models = ROOT / "tests" / "training" / "importing" / "models"
    imported = [str(models / "catboost-1.2-regression.onnx"), "--rows", "visits.csv", "--target", "amount"]
    columns = pd.read_csv(models / "visits.csv")[["age", "income", "amount"]]
    columns.to_csv(newcomer.root / "visits.csv", index=False)
    newcomer.run(".venv/bin/python", "-m", "training", "import", *imported, "--name", "spending")

    # When make run gets its name
    done = newcomer.run("make", "run", "MODEL=spending", 'ROW={"age": 49, "income": 3998.7}')

    # Then it answers what CatBoost predicts for the row
    answer = json.loads(re.findall(r"^\{.*\}$", done.stdout, re.MULTILINE)[-1])
    expected = json.loads((models / "expected-old.json").read_text())["catboost-1.2-regression.onnx"][0]
    assert answer["model"]["name"] == "spending"
    assert answer["predictions"][0]["value"] == pytest.approx(expected, rel=1e-5)
