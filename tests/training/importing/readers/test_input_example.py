"""Input examples of MLflow folders."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from training.errors import TrainingError
from training.importing.readers.input_example import example_rows
from training.importing.readers.mlflow_folder import mlflow_folder
from training.importing.sample import read_sample

ROWS = [{"age": 30, "shop": "a"}, {"age": 40, "shop": "b"}]
SPLIT = {"columns": ["age", "shop"], "index": [0, 1], "data": [[30, "a"], [40, "b"]]}
COLUMNS = {"age": [30, 40], "shop": ["a", "b"]}


@pytest.mark.parametrize(
    "found",
    [
        ROWS,
        SPLIT,
        COLUMNS,
        [[30, "a"], [40, "b"]],
        {"age": {"0": 30, "1": 40}, "shop": {"0": "a", "1": "b"}},
        {"inputs": COLUMNS},
        {"inputs": [[30, "a"], [40, "b"]]},
        {"dataframe_split": SPLIT},
        {"dataframe_records": ROWS},
        {"instances": ROWS},
    ],
)
def test_rows_in_any_form_are_read(tmp_path: Path, found: Any) -> None:
    path = tmp_path / "example.json"
    path.write_text(json.dumps(found), encoding="utf-8")

    assert example_rows(path, ("age", "shop")).to_dict("records") == ROWS


def test_an_object_of_single_values_is_one_row(tmp_path: Path) -> None:
    path = tmp_path / "example.json"
    path.write_text(json.dumps(ROWS[0]), encoding="utf-8")

    assert example_rows(path, ()).to_dict("records") == ROWS[:1]


def test_arrays_without_names_have_numbered_columns(tmp_path: Path) -> None:
    path = tmp_path / "example.json"
    path.write_text("[[1, 2], [3, 4]]", encoding="utf-8")

    assert [*example_rows(path, ("only one",))] == ["column_1", "column_2"]


def write_folder(folder: Path, *, example: str) -> None:
    info = "saved_input_example_info: {artifact_path: gone.json, serving_input_path: serving.json}"
    folder.joinpath("MLmodel").write_text(f"flavors: {{sklearn: {{pickled_model: model.pkl}}}}\n{info}\n")
    folder.joinpath("model.pkl").write_bytes(b"model")
    folder.joinpath("serving.json").write_text(example)


def test_the_request_of_a_folder_stands_for_its_missing_example(tmp_path: Path) -> None:
    write_folder(tmp_path, example=json.dumps({"dataframe_split": SPLIT}))

    assert mlflow_folder(tmp_path).example().typed["age"].tolist() == [30, 40]


@pytest.mark.parametrize("example", ["[]", "3", "no json", '{"columns": ["a"], "data": [[1, 2]]}'])
def test_an_example_without_rows_is_refused(tmp_path: Path, example: str) -> None:
    write_folder(tmp_path, example=example)

    with pytest.raises(TrainingError, match="has no rows of columns: give rows with --rows"):
        mlflow_folder(tmp_path).example()


@pytest.mark.parametrize("form", ["array", "lines", "request"])
def test_sample_rows_may_be_json(tmp_path: Path, form: str) -> None:
    path = tmp_path / "rows.json"
    content = {
        "array": json.dumps(ROWS, indent=1),
        "lines": "\n".join(map(json.dumps, ROWS)),
        "request": json.dumps({"instances": ROWS}),
    }
    path.write_text(content[form], encoding="utf-8")

    found = read_sample(path, "shop")

    assert found.typed["age"].tolist() == [30, 40]
    assert found.answers == ("a", "b")


def test_sample_rows_may_be_compressed(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(b"age,shop\n30,a\n40,b\n"))

    assert read_sample(path, "shop").typed["age"].tolist() == [30, 40]


def test_sample_rows_that_are_no_json_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text('{"age": ', encoding="utf-8")

    with pytest.raises(TrainingError, match="give a CSV file with a header, JSON Lines or Parquet"):
        read_sample(path, "")
