"""Corrections of the file of the fields: each takes effect, or is refused by a sentence that names it."""

from pathlib import Path
from typing import Any

import pytest

from bundle import Field
from tests.training.tables.tables import customers, write_csv
from training.errors import TrainingError
from training.progress import SILENT
from training.tables.columns.table_column import TableColumn
from training.tables.corrections.field_problems import field_problem
from training.tables.table_preparation import Prepared, TableRequest, prepare


@pytest.mark.parametrize(
    ("field", "written", "expected"),
    [
        ({"name": ""}, "", "its name is empty"),
        ({"name": 'a "b"'}, "", "quotation mark"),
        ({"minimum": 9, "maximum": 1}, "", "its minimum 9 is above its maximum 1"),
        ({"minimum": float("nan")}, "", "its minimum is nan"),
        ({"maximum": float("inf")}, "", "its maximum is inf"),
        ({"minimum": 5}, "", "the API would refuse its example '3', Expected `float` >= 5.0"),
        ({"type": "string", "example": "a", "minimum": 0}, "", "a minimum is of numbers"),
        ({"type": "string"}, "", "the API would refuse its example '3', Expected `str`"),
        ({"type": "string", "example": "c", "values": ("a", "b")}, "", "refuse its example 'c'"),
        ({"type": "string", "example": "a", "values": ("a", "a")}, "", "its values have 'a' twice"),
        ({"type": "string", "example": "a", "pattern": "("}, "", "no regular expression, missing )"),
        ({"type": "string", "example": "a", "max_length": 0}, "", "its max_length is 0"),
        ({"values": ("a",)}, "", "values is of strings, and its type is integer"),
        ({"type": "date", "example": "2025-01-01", "earliest": "1.1.25"}, "", "its earliest is '1.1.25'"),
        ({"earliest": "2025-01-01"}, "", "earliest is of dates"),
        (
            {"type": "date", "example": "2025-01-01", "earliest": "2026-01-01", "latest": "2025-01-01"},
            "",
            "its earliest day 2026-01-01 is after its latest 2025-01-01",
        ),
        ({}, "1_000", 'numbers are written as "1,234.5" or "1.234,5"'),
        ({"type": "date", "example": "2025-01-01"}, "dd/mm/yyyy", "have directives such as %d/%m/%Y"),
        ({"type": "time", "example": "17:45"}, "%H:%M|%Q", "written is '%H:%M|%Q'"),
        ({"type": "string", "example": "a"}, "%d", "written is of numbers, dates and times"),
    ],
)
def test_a_contradiction_in_a_field_is_named(field: dict[str, object], written: str, expected: str) -> None:
    given = Field(**{"name": "x", "type": "integer", "example": 3, **field})  # type: ignore[arg-type]

    assert expected in field_problem(TableColumn(field=given, name="x", written=written))


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ({"minimum": 0, "maximum": 5}, "1.234,5"),
        ({"type": "date", "example": "2025-01-01", "earliest": "1900-01-01"}, "%d/%m/%Y|%Y%m%d"),
        ({"type": "time", "example": "17:45"}, "ISO8601"),
        ({"type": "string", "example": "ab", "pattern": "^a", "max_length": 2}, ""),
        ({"type": "boolean", "example": True}, ""),
        ({"example": -0.0, "type": "number", "minimum": 0}, ""),
    ],
)
def test_a_field_without_contradictions_has_no_problem(field: dict[str, object], written: str) -> None:
    given = Field(**{"name": "x", "type": "integer", "example": 3, **field})  # type: ignore[arg-type]

    assert not field_problem(TableColumn(field=given, name="x", written=written))


def _again(folder: Path, old: str = "", new: str = "", **options: Any) -> Prepared:
    """Corrects the file of a first run by a replacement, and prepares the table again."""
    table = customers()
    table["day"] = [f"2025-{1 + row % 12:02d}-{1 + row % 28:02d}" for row in range(len(table))]
    request = {"source": str(write_csv(folder, table)), "target": "churned", "out": folder}
    first = prepare(TableRequest(**request, random_split=True), SILENT)  # type: ignore[arg-type]
    assert first.table.choice.kind == "random"
    path = folder / "table.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return prepare(TableRequest(**{**request, **options}), SILENT)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'split = "random"',
            'split = "time"\nsplit_by = "plan"',
            "'plan' is of the type string, and the split by time",
        ),
        ('split = "random"', 'split = "time"\nsplit_by = "nothing"', "'nothing' is no field"),
        ('split = "random"', 'split = "random"\nsplit_by = "plan"', "'plan' is of a split by time or group"),
        ('split = "random"', 'split = "group"\nsplit_by = "plan"', "has only 3 different values"),
        ('split = "random"', 'split = "group"\nsplit_by = "churned"', "'churned' is the target"),
        ('task = "binary"', 'task = "classes"', "choose binary or multiclass or regression"),
        ('type = "string"', 'type = "str"', "choose string or integer or number"),
        ("missed_cost = 1.0", "missed_cost = inf", "missed_cost is inf"),
        ('labels = ["No", "Yes"]', 'labels = ["yes", "Yes"]', "labels has 'yes' twice"),
        ('name = "plan"', 'name = "plan"\ncolumn = "churned"', "the field 'plan' is the target"),
        ('"pro"]', '"pro", "pro"]', "the field 'plan' is wrong (its values have 'pro' twice)"),
        ('name = "plan"', 'name = "flat"', "leave it out in the file of the fields"),
    ],
)
def test_a_wrong_correction_is_refused(tmp_path: Path, old: str, new: str, expected: str) -> None:
    with pytest.raises(TrainingError) as refused:
        _again(tmp_path, old, new)

    assert expected in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"task": "multiclass"}, "has the task binary, not multiclass"),
        ({"leave_out": ["churned"]}, "--leave-out 'churned' names the target"),
    ],
)
def test_an_option_that_the_file_of_the_fields_contradicts_is_refused(
    tmp_path: Path, options: dict[str, Any], expected: str
) -> None:
    with pytest.raises(TrainingError) as refused:
        _again(tmp_path, **options)

    assert expected in str(refused.value)


@pytest.mark.slow
def test_corrections_take_effect(tmp_path: Path) -> None:
    found = _again(tmp_path, 'split = "random"', 'split = "time"\nsplit_by = "day"')

    assert (found.table.choice.kind, found.table.choice.column) == ("time", "day")


@pytest.mark.slow
def test_a_column_that_the_file_of_the_fields_does_not_name_is_noted(tmp_path: Path) -> None:
    folder = tmp_path
    _again(folder)
    table = customers().assign(day="2025-01-01", newer=1)

    again = prepare(TableRequest(source=str(write_csv(folder, table)), target="churned", out=folder), SILENT)

    assert any("does not name 1 column of the table, such as 'newer'" in note for note in again.notes)


@pytest.mark.slow
def test_a_cost_of_a_missed_positive_is_refused_in_a_regression(tmp_path: Path) -> None:
    path = write_csv(tmp_path, customers())

    with pytest.raises(TrainingError, match="--missed-cost is of binary models"):
        prepare(TableRequest(source=str(path), target="price", out=tmp_path, missed_cost=5), SILENT)
