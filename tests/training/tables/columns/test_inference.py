"""Fields inferred from columns of a table: booleans, strings, names, and columns that are left out."""

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.training.tables.columns.inferred import ROWS, column, field, read
from training.errors import TrainingError
from training.tables.columns.cells import cells_of
from training.tables.columns.column_values import column_values
from training.tables.columns.inference import infer


def test_columns_that_differ_only_in_late_rows_are_both_fields() -> None:
    early = ["1", "2"] * 600
    table = {"a": [*early, "1", "2"], "b": [*early, "2", "1"], "c": [*early, "2", "1"]}

    found = infer(table).columns

    assert [bool(one.left_out) for one in found] == [False, False, True]
    assert "the same as 'b'" in found[2].left_out


def test_true_and_false_are_booleans_and_yes_and_no_known_values() -> None:
    assert field(["True", "false", "TRUE", ""]).type == "boolean"
    assert read(["True", "false"]) == [1.0, 0.0]
    assert field(["Yes", "No", "Yes", "No"]).values == ("No", "Yes")


def test_values_that_occur_once_show_that_more_are_to_come() -> None:
    found = infer({"city": ["Rome", "Oslo"] * 19 + ["Bonn", "Lyon"]}).fields[0]

    assert (found.type, found.values, found.max_length) == ("string", (), 64)


def test_sentences_are_free_text() -> None:
    assert infer({"note": [f"The order came late in week {n}" for n in range(ROWS)]}).fields[0].type == "text"


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("void", [""] * ROWS, "no value in any row"),
        ("same", ["x"] * ROWS, "the same value in every row"),
        ("code", [f"C{n}" for n in range(ROWS)], "it identifies rows"),
        ("customerID", list(range(ROWS)), "by its name it identifies rows"),
        ("Unnamed: 0", list(range(ROWS)), "by its name it identifies rows"),
        ("lists", [[1]] * ROWS, "lists, objects, durations or bytes"),
    ],
)
def test_a_column_that_says_nothing_is_left_out_with_a_sentence(
    name: str, values: list[Any], reason: str
) -> None:
    found = infer({name: values, "plan": ["a", "b"] * 20})

    assert [one.name for one in found.fields] == ["plan"]
    assert reason in found.notes[0]
    assert repr(name) in found.notes[0]


@pytest.mark.parametrize("name", ["row_index", "Index", "LineIndex", "music_key", "unit id", "PID"])
def test_names_of_identifiers_are_left_out(name: str) -> None:
    found = infer({name: [n // 2 for n in range(ROWS)], "plan": ["a", "b"] * 20})

    assert [one.name for one in found.fields] == ["plan"]


@pytest.mark.parametrize("name", ["Affluence Index", "refractive_index", "BodyMassIndex"])
def test_an_index_that_measures_is_a_field(name: str) -> None:
    assert field([n // 2 for n in range(ROWS)], name).name == name


@pytest.mark.parametrize("values", [[1, 2, 3, None], ["a", "b", "c", "a"]])
def test_an_identifier_of_few_values_of_many_rows_each_is_a_category(values: list[Any]) -> None:
    found = infer({"travel_type_id": values * 50, "user_id": [n // 4 for n in range(200)]})

    assert [one.name for one in found.fields] == ["travel_type_id"]


def test_numbers_and_days_that_all_differ_repeat_each_other_only_on_one_scale() -> None:
    random = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=ROWS).to_series()
    kilometres = random.random(ROWS)
    table = {
        "km": kilometres,
        "miles": 0.621371 * kilometres,
        "left": 5 - 2 * kilometres,
        "gaps": pd.Series(kilometres).where(random.random(ROWS) < 0.9),
        "other": random.random(ROWS),
        "on": days,
        "off": days + pd.Timedelta(days=7),
        "at": days.sample(frac=1, random_state=0),
    }

    found = infer({name: [*values] for name, values in table.items()})

    assert [one.name for one in found.fields] == ["km", "gaps", "other", "on", "at"]
    assert found.notes[0] == "The column 'miles' is left out: it says the same as 'km' in every row."


def test_texts_that_nearly_all_differ_repeat_each_other_only_if_they_are_equal() -> None:
    names = [f"{n % 30}" + "ab"[n % 2] * 3 for n in range(ROWS)]
    table = {"a": names, "b": [name.upper() for name in names], "c": names, "plan": ["a", "b"] * 20}

    found = infer(table)

    assert [one.name for one in found.fields] == ["a", "b", "plan"]


def test_a_column_that_repeats_another_is_left_out() -> None:
    found = infer({"a": ["x", "y"] * 20, "b": ["x", "y"] * 20})

    assert found.notes == ("The column 'b' is left out: it says the same as 'a' in every row.",)


def test_typed_columns_need_no_guess() -> None:
    table = {
        "day": [datetime.date(2024, 1, 1 + n % 5) for n in range(ROWS)],
        "yes": pd.Series([True, False] * 20),
        "gaps": pd.Series([1.0, None, 2.0, 3.0] * 10),
        "share": pd.Series([1.0, 4.0, 2.0, 3.0] * 10),
        "kind": pd.Series(["a", "b", "b", "a"] * 10, dtype="category"),
    }

    found = {one.name: (one.type, one.required) for one in infer(table).fields}

    assert found == {
        "day": ("date", True),
        "yes": ("boolean", True),
        "gaps": ("integer", False),
        "share": ("number", True),
        "kind": ("string", True),
    }


def test_names_that_json_escapes_or_that_repeat_are_replaced() -> None:
    table = {
        'a"b': ["1", "2"],
        "d": ["2024-01-31", "2024-02-03"],
        "d_month": ["3", "4"],
        "größe\n": ["1", "3"],
    }

    found = infer({name: [*values, "", values[0]] * 10 for name, values in table.items()}).columns

    assert [one.field.name for one in found] == ["a'b", "d", "d_month (2)", "größe"]
    assert [one.name for one in found] == [*table]


def test_a_column_that_is_left_out_takes_no_name_from_a_field() -> None:
    table = {
        "b": ["1", "2", "3", "4"],
        "d_month": ["1", "2", "3", "4"],
        "d": ["2024-01-31", "2024-02-03", "2024-02-04", ""],
    }

    found = infer({name: values * 10 for name, values in table.items()})

    assert [one.name for one in found.fields] == ["b", "d"]


def test_a_cell_that_is_not_as_the_column_says_is_named_with_its_row() -> None:
    found = column(["1", "2"])

    with pytest.raises(
        TrainingError, match=r"'x' has 'many' in row 2 below the header, which is not a whole"
    ):
        column_values(found, cells_of(["1", "many"]))


@pytest.mark.parametrize(
    ("first", "step", "is_counter"), [(0, 1, True), (1, 1, True), (1950, 1, False), (0, 2, False)]
)
def test_an_index_that_was_saved_with_its_table_is_no_field(first: int, step: int, is_counter: bool) -> None:
    found = infer({"column 1": [first + step * row for row in range(40)]}).columns[0]

    assert ("it numbers the rows" in found.left_out) == bool(found.left_out) == is_counter


def test_values_that_differ_in_case_or_spaces_only_are_named() -> None:
    found = column(["Paris", "paris", "New York", "new  york"], "city")

    assert len(found.notes) == 1
    assert "has 'Paris' and 'paris' and 1 more pair, which differ in case or spaces only" in found.notes[0]
    assert column(["Paris", "Lyon"], "city").notes == ()


def test_json_in_cells_is_named() -> None:
    objects, words = ['{"sku": "A1"}', '{"sku": "B2"}'], ["[a]", "{b}"]

    assert "has JSON objects or lists in its cells" in column(objects, "items").notes[0]
    assert column(words, "items").notes == ()
