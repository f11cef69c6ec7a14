"""Fields of rows whose target nobody knows: the same values as in training."""

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from training.tables.columns.cells import cells_of
from training.tables.columns.column_values import column_values
from training.tables.columns.inference import infer
from training.tables.unlabelled_table import UnlabelledTable

COLUMNS: dict[str, list[Any]] = {
    "euros": ["1.234,5 EUR", "7 EUR", ""],
    "negative": ["(1,234)", "17", "1,000,000"],
    "percent": ["12 %", "7.5 %", "NA"],
    "exponent": ["1e3", "2", "-"],
    "infinite": ["1.5", "-inf", "2"],
    "typed": [1.5, None, -3.25],
    "whole": [3, 4, 5],
    "flag": ["TRUE", "false", ""],
    "day": ["31.12.2024", "01.02.2025", ""],
    "moment": ["2024-12-31 10:00", "2025-02-01 11:30", None],
    "clock": ["9:05 PM", "10:15 AM", ""],
    "plan": [" pro", "basic", "pro "],
    "code": ["02139", "10001", "?"],
}


@pytest.mark.parametrize("name", COLUMNS)
def test_values_are_those_of_training(name: str) -> None:
    # Given
    values = COLUMNS[name]
    kept = infer({name: values * 20, "other": list(range(60))}).columns[:-1]
    fields = [column.field for column in kept]
    reader = UnlabelledTable(kept, [name, "other"], "rows.csv", fields)
    raw = pa.array(values)

    # When
    found = {field: reader.reader()(field, raw).to_pylist() for field in reader.columns}

    # Then
    for column in kept:
        learned = [
            None if pd.isna(value) else value for value in pd.Series(column_values(column, cells_of(values)))
        ]
        assert [value is None for value in found[column.field.name]] == [value is None for value in learned]
        if column.field.type in ("number", "integer"):
            texts = found[column.field.name]
            assert [None if text is None else float(text) for text in texts] == learned
        elif column.field.type in ("string", "time"):
            assert found[column.field.name] == learned
    assert {*found} == {field.name for field in fields}


def test_a_day_and_a_boolean_have_the_form_of_a_request() -> None:
    kept = infer({"day": COLUMNS["day"] * 20, "flag": COLUMNS["flag"] * 20}).columns
    read = UnlabelledTable(kept, ["day", "flag"], "rows.csv", [one.field for one in kept]).reader()

    assert read("day", pa.array(["31.12.2024", "32.12.2024"])).to_pylist() == ["2024-12-31", "?"]
    assert read("flag", pa.array(["TRUE", "no"])).to_pylist() == ["true", "?"]
