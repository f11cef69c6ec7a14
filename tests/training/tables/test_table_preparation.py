"""From a table to a model: task, split, leaks and what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.training.tables.tables import customers, write_csv
from training.errors import TrainingError
from training.progress import SILENT
from training.tables.table_preparation import Prepared, TableRequest, prepare


def prepared(folder: Path, table: pd.DataFrame | Path, target: str = "churned", **options: Any) -> Prepared:
    path = table if isinstance(table, Path) else write_csv(folder, table)
    return prepare(TableRequest(source=str(path), target=target, out=folder / "out", **options), SILENT)


def refusal(folder: Path, table: pd.DataFrame | Path, target: str = "churned", **options: Any) -> str:
    with pytest.raises(TrainingError) as refused:
        prepared(folder, table, target, **options)
    sentence = str(refused.value)
    assert "\n" not in sentence
    return sentence


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (("No", "Yes"), ("No", "Yes")),
        (("0", "1"), ("0", "1")),
        (("false", "TRUE"), ("false", "TRUE")),
        (("good", "bad"), ("good", "bad")),
        (("-1", "1"), ("-1", "1")),
    ],
)
def test_two_values_are_a_binary_target_with_the_positive_one_last(
    tmp_path: Path, values: tuple[str, str], labels: tuple[str, str]
) -> None:
    table = customers()
    table["churned"] = table["churned"].map(dict(zip(("No", "Yes"), values, strict=True)))
    table.loc[:4, "churned"] = ""

    found = prepared(tmp_path, table)

    assert (found.model.task, found.model.labels) == ("binary", labels)
    data = found.model.read(None)  # type: ignore[arg-type]
    assert (len(data), data.dropped) == (395, {"without churned": 5})
    assert data.target.mean() == (customers()["churned"][5:] == "Yes").mean()


@pytest.mark.slow
def test_zeros_with_a_sign_are_the_label_of_zeros(tmp_path: Path) -> None:
    table = customers()
    table["churned"] = ["-0.0" if row % 9 == 0 else row % 2 for row in range(len(table))]

    assert len(prepared(tmp_path, table).model.labels) == 2


@pytest.mark.slow
def test_texts_of_a_target_of_numbers_that_count_as_absent_are_named(tmp_path: Path) -> None:
    table = customers()
    table["price"] = table["price"].astype(str)
    table.loc[[3, 70], "price"] = "on request"

    found = prepared(tmp_path, table, "price")

    assert any("Rows with 'on request' have no price, and are left out." in note for note in found.notes)


@pytest.mark.slow
def test_several_spellings_of_a_label_are_one(tmp_path: Path) -> None:
    table = customers()
    table.loc[table.index % 7 == 0, "churned"] = table["churned"].str.upper() + " "

    found = prepared(tmp_path, table)

    assert found.model.labels == ("No", "Yes")
    assert any("'YES' in the column 'churned' is the class 'Yes' too." in note for note in found.notes)


@pytest.mark.slow
def test_names_are_the_tasks_of_classes_and_numbers_those_of_a_regression(tmp_path: Path) -> None:
    table = customers()

    classes = prepared(tmp_path / "1", write_csv(tmp_path, table), "plan")
    numbers = prepared(tmp_path / "2", write_csv(tmp_path, table), "price")

    assert (classes.model.task, classes.model.labels) == ("multiclass", ("basic", "family", "pro"))
    assert (numbers.model.task, numbers.model.labels) == ("regression", ())
    assert any("predicted as a number" in note for note in numbers.notes)


@pytest.mark.slow
def test_a_second_run_reads_the_corrected_fields(tmp_path: Path) -> None:
    first = prepared(tmp_path, customers())
    path = tmp_path / "out" / "table.toml"
    text = path.read_text()
    path.write_text(text.replace('description = "Price."', 'description = "Dollars a month."\nmaximum = 500'))

    second = prepared(tmp_path, customers())

    by_name = {field.name: field for field in second.model.fields}
    assert [*by_name] == [field.name for field in first.model.fields] == ["Months with us", "price", "plan"]
    assert (by_name["price"].description, by_name["price"].maximum) == ("Dollars a month.", 500)
    assert second.recipe == first.recipe
    assert any("'customer_id' is left out" in note for note in second.notes)
    assert any(
        note.endswith(f"(binary) and the split (random) are those of {path}.") for note in second.notes
    )


@pytest.mark.slow
def test_rows_with_dates_are_split_by_time(tmp_path: Path) -> None:
    table = customers()
    table["signed on"] = pd.date_range("2024-01-01", periods=400).strftime("%d.%m.%Y")

    found = prepared(tmp_path, table)
    data = found.model.read(None)  # type: ignore[arg-type]
    split = found.model.split(data, 0)

    assert data.dates is not None
    assert split.train.period[1] < split.test.period[0]
    assert any(note.startswith("The test rows are the last by signed on") for note in found.notes)


@pytest.mark.slow
@pytest.mark.parametrize("run", ["first", "second"])
def test_rows_with_dates_are_split_at_random_on_demand(tmp_path: Path, run: str) -> None:
    table = customers()
    table["signed on"] = pd.date_range("2024-01-01", periods=400).strftime("%d.%m.%Y")
    if run == "second":
        assert prepared(tmp_path, table).table.choice.kind == "time"

    found = prepared(tmp_path, table, random_split=True)
    data = found.model.read(None)  # type: ignore[arg-type]

    assert (data.dates, found.table.choice.kind) == (None, "random")
    assert 'split = "random"' in (tmp_path / "out" / "table.toml").read_text()


def test_rows_of_the_same_customer_are_on_one_side(tmp_path: Path) -> None:
    table = customers()
    table["customer_id"] = [f"C{row // 4}" for row in range(400)]
    table["number"] = np.arange(400) // 4 + 0.5

    found = prepared(tmp_path, table)
    data = found.model.read(None)  # type: ignore[arg-type]
    split = found.model.split(data, 0)

    assert not {*split.train.columns["number"]} & {*split.test.columns["number"]}
    assert any("have other values of customer_id" in note for note in found.notes)


@pytest.mark.slow
def test_a_column_that_equals_the_target_is_left_out(tmp_path: Path) -> None:
    table = customers()
    table["left?"] = table["churned"].map({"Yes": 1, "No": 0})

    found = prepared(tmp_path, table)

    assert "left?" not in [field.name for field in found.model.fields]
    assert any("'left?' says the same as churned in every row" in note for note in found.notes)


@pytest.mark.slow
def test_fields_that_are_known_afterwards_are_named_and_left_out_on_demand(tmp_path: Path) -> None:
    table = customers()
    leaves = table["churned"] == "Yes"
    table["cancellation_date"] = np.where(leaves, "2024-05-03", "")
    table.loc[leaves[leaves].index[0], "cancellation_date"] = "2024-05-04"
    table["refund"] = np.where(leaves & (np.arange(400) % 2 == 0), 5.0, 0.0)

    first = prepared(tmp_path, table)
    second = prepared(tmp_path / "2", table, leave_out=["cancellation_date", "refund"])

    assert any("'cancellation_date' has a value predicts churned" in note for note in first.notes)
    assert any("(refund), the field 'refund' may become known only after" in note for note in first.notes)
    assert [field.name for field in second.model.fields] == ["Months with us", "price", "plan"]


@pytest.mark.slow
def test_a_wide_table_keeps_the_fields_that_say_most(tmp_path: Path) -> None:
    table = customers()
    noise = np.random.default_rng(1).normal(size=(400, 260)).round(3)
    wide = pd.concat([pd.DataFrame(noise, columns=[f"n{column}" for column in range(260)]), table], axis=1)

    found = prepared(tmp_path, wide)

    names = [field.name for field in found.model.fields]
    assert len(names) == 200
    assert {"Months with us", "price", "plan"} <= {*names}


def with_target(values: list[Any]) -> pd.DataFrame:
    table = customers(len(values))
    table["churned"] = values
    return table


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            with_target(["Yes", "No", "Y", "No"] * 100),
            "'yes' (100 rows) and 'y' (100 rows), which seem to be one class in several words",
        ),
        (with_target(["Yes"] * 400), "the same value in every row, 'yes', so there is nothing to predict"),
        (with_target([""] * 400), "has no value in any row"),
        (with_target([f"c{n % 300}" for n in range(10_000)]), "has 300 different values in 10,000 rows"),
        (
            with_target(["Yes"] * 3 + ["No"] * 397),
            "only 3 of 400 rows: each class needs at least 10. Give more rows, or group the rare classes.",
        ),
        (
            with_target([*[0, 1] * 180, *[2, 3, 4, 5, 6] * 8]),
            "or group the rare classes, or predict a number with --task regression.",
        ),
        (customers(50), "has 50 usable rows, and a model needs at least 100: give 50 rows more."),
        (with_target([f"2024-01-{1 + n % 28:02d}" for n in range(400)]), "has dates or times"),
        (customers()[["customer_id", "churned"]], "has no column left to predict churned from"),
        (customers()[["churned"]], "has one column only"),
        (customers().iloc[:0], "has no rows below its header"),
    ],
)
def test_a_table_that_teaches_nothing_is_refused(tmp_path: Path, table: pd.DataFrame, sentence: str) -> None:
    assert sentence in refusal(tmp_path, table)


def test_a_misspelt_target_suggests_the_near_name(tmp_path: Path) -> None:
    assert "has no column 'Churn', which is the target: did you mean 'churned'?" in refusal(
        tmp_path, customers(), "Churn"
    )
    assert "its columns are customer_id, Months with us" in refusal(tmp_path, customers(), "xyz")


@pytest.mark.slow
def test_another_target_than_that_of_the_kept_fields_is_refused(tmp_path: Path) -> None:
    prepared(tmp_path, customers())

    assert "has the fields of the target 'churned', not of 'plan'" in refusal(tmp_path, customers(), "plan")
