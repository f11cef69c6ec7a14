"""Fields inferred from columns of a table."""

import datetime
from typing import Any

import pandas as pd
import pytest

from bundle import Field
from training.data.dataset import check_values
from training.errors import TrainingError
from training.tables.columns.cells import cells_of
from training.tables.columns.column_values import column_values
from training.tables.columns.inference import infer
from training.tables.columns.table_column import TableColumn

ROWS = 40


def column(values: list[Any], name: str = "x", **others: list[Any]) -> TableColumn:
    table = {key: found * (ROWS // len(found)) for key, found in {name: values, **others}.items()}
    return infer(table).columns[0]


def field(values: list[Any], name: str = "x", **others: list[Any]) -> Field:
    return column(values, name, **others).field


def read(values: list[Any], name: str = "x") -> list[Any]:
    found = column(values, name)
    checked = column_values(found, cells_of(values))
    check_values(found.field, checked)
    return ["" if value != value else value for value in pd.Series(checked).tolist()]


def test_whole_numbers_that_are_never_negative_have_the_minimum_zero_and_no_maximum() -> None:
    found = field(["3", "17", "5", "9"])

    assert (found.type, found.minimum, found.maximum, found.required) == ("integer", 0, None, True)
    assert found.example in (5, 9)


def test_a_negative_number_leaves_no_minimum() -> None:
    assert field(["-3.5", "17", "5", "9"]).minimum is None


@pytest.mark.parametrize(
    "values", [["1.5", "inf", "-Infinity", "2"], [1.5, float("inf"), -float("inf"), 2.0]]
)
def test_infinite_numbers_count_as_absent_and_are_counted(values: list[Any]) -> None:
    found = column(values)

    assert (found.field.type, found.field.required, found.missing) == ("number", False, ())
    assert found.notes == ("20 infinite numbers of the column 'x' count as absent.",)
    assert read(values) == [1.5, "", "", 2]


def test_columns_that_differ_only_in_late_rows_are_both_fields() -> None:
    early = ["1", "2"] * 600
    table = {"a": [*early, "1", "2"], "b": [*early, "2", "1"], "c": [*early, "2", "1"]}

    found = infer(table).columns

    assert [bool(one.left_out) for one in found] == [False, False, True]
    assert "the same as 'b'" in found[2].left_out


def test_zero_and_one_are_natural_limits() -> None:
    found = field(["0", "1", "1", "0"])

    assert (found.minimum, found.maximum) == (0, 1)


def test_a_blank_or_a_usual_mark_makes_a_column_optional() -> None:
    for mark in ("", " ", "NA", "n/a", "NULL", "?", "None", "-"):
        found = field(["3", "17", mark, "9"])
        assert (found.type, found.required) == ("integer", False), mark


def test_a_text_between_many_numbers_counts_as_absent_and_is_named() -> None:
    found = column(["4"] * 19 + ["unknown"] + ["5"] * 20)

    assert (found.field.type, found.missing) == ("integer", ("unknown",))
    assert found.notes == ("'unknown' of the column 'x' counts as absent.",)
    assert column_values(found, cells_of(["4", "unknown"])).tolist()[0] == 4


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1,234.50", "12.00"], [1234.5, 12.0]),
        (["1.234,5", "3,5"], [1234.5, 3.5]),
        (["12 345", "7"], [12345, 7]),
        (["$1,200.5", "-$3.25"], [1200.5, -3.25]),
        (["12.5%", "7%"], [12.5, 7]),
        (["1e3", ".5"], [1000, 0.5]),
        (["USD 12.50", "USD 7"], [12.5, 7]),
        (["12,50 EUR", "1.234,5 EUR"], [12.5, 1234.5]),
        (["CHF 1'234.50", "CHF 2.00"], [1234.5, 2]),
        (["12 %", "7 %"], [12, 7]),
        (["12.5 kg", "7kg"], [12.5, 7]),
        (["12,5 °C", "-7,25 °C"], [12.5, -7.25]),
        (["(1,234.5)", "17"], [-1234.5, 17]),
        (["($3)", "$4", "$(5)"], [-3, 4, -5]),
        (["12-", "3.5", "\u22124"], [-12, 3.5, -4]),
    ],
)
def test_numbers_are_read_as_people_write_them(texts: list[str], numbers: list[float]) -> None:
    assert read(texts * 2) == numbers * 2


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (["USD 5", "EUR 7"], "the units EUR, USD"),
        (["12 %", "0.5"], "the unit % in some rows only"),
        (["2.5k", "900"], "the unit k in some rows only"),
        (["2.5 kg", "900 g"], "the units g, kg"),
        (["1,234.56", "1.234,5"], "decimal commas (1.234,5) and decimal points (1,234.56)"),
        (["(1)", "(2)"], "parentheses in every row"),
    ],
)
def test_numbers_that_are_written_in_several_ways_are_strings_and_named(texts: list[str], why: str) -> None:
    found = column(texts)

    assert found.field.type == "string"
    (note,) = found.notes
    assert note.startswith(f"The column 'x' is read as strings, because its numbers have {why}: write them")
    assert column(["A 5", "B 7"]).notes == ()


@pytest.mark.parametrize("values", [[1.5, -999, 2], ["1.5", "-999", "2"], [1.5, -999.0, 2]])
def test_a_number_that_counts_as_absent_is_absent_in_typed_columns_too(values: list[Any]) -> None:
    number = Field(name="x", type="number", required=False, example=1)

    found = column_values(TableColumn(field=number, name="x", missing=("-999",)), cells_of(values))

    assert pd.Series(found).isna().tolist() == [False, True, False]


def test_a_day_that_counts_as_absent_is_absent_in_typed_columns_too() -> None:
    day = Field(name="x", type="date", required=False, example="2024-01-31")
    cells = cells_of([datetime.date(1900, 1, 1), datetime.date(2024, 1, 31)])

    found = column_values(TableColumn(field=day, name="x", missing=("1900-01-01",)), cells)

    assert pd.Series(found).isna().tolist() == [True, False]


def test_a_comma_that_could_be_either_follows_the_other_columns_and_is_named() -> None:
    alone, beside = column(["1,234", "2,500"]), column(["1,234", "2,500"], y=["3,5", "1,25"])

    assert (alone.written, beside.written) == ("1,234.5", "1.234,5")
    assert "separate thousands" in alone.notes[0]
    assert "separate decimals" in beside.notes[0]


def test_a_leading_zero_makes_a_code_and_no_number() -> None:
    assert field(["02139", "10001", "02140", "94105"]).type == "string"


@pytest.mark.parametrize(
    ("texts", "day"),
    [
        (["31/12/2023", "01/02/2024"], "2023-12-31"),
        (["12/31/2023", "01/02/2024"], "2023-12-31"),
        (["31.12.2023", "01.02.2024"], "2023-12-31"),
        (["2023-12-31", "31 Dec 2023"], "2023-12-31"),
        (["2023/12/31", "2024/01/02"], "2023-12-31"),
        (["Dec 31, 2023", "January 2, 2024"], "2023-12-31"),
    ],
)
def test_days_are_read_in_many_formats(texts: list[str], day: str) -> None:
    assert field(texts).type == "date"
    assert str(column_values(column(texts), cells_of(texts)).tolist()[0]) == day


def test_days_that_could_be_months_are_read_month_first_and_named() -> None:
    found = column(["01/02/2024", "03/04/2024"])

    assert found.written == "%m/%d/%Y"
    assert "month before day" in found.notes[0]


def test_digits_are_a_day_only_under_the_name_of_one() -> None:
    assert field(["20240131", "20240229"], "order date").type == "date"
    assert field(["20240131", "20240229"], "amount").type == "integer"


def test_points_in_time_become_a_date_and_a_time() -> None:
    found = infer({"at": ["2024-01-31 05:10:00", "2024-02-01 17:45:00"] * 20}).fields

    assert [(one.name, one.type) for one in found] == [("at", "date"), ("at time", "time")]


def test_times_of_either_clock_are_times() -> None:
    assert read(["5:45 PM", "11:00 AM"]) == ["17:45", "11:00"]


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
        ("lists", [[1]] * ROWS, "lists or objects"),
    ],
)
def test_a_column_that_says_nothing_is_left_out_with_a_sentence(
    name: str, values: list[Any], reason: str
) -> None:
    found = infer({name: values, "plan": ["a", "b"] * 20})

    assert [one.name for one in found.fields] == ["plan"]
    assert reason in found.notes[0]
    assert repr(name) in found.notes[0]


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


def test_numbers_in_several_units_that_look_like_identifiers_are_left_out_with_both_reasons() -> None:
    found = infer({"x": [f"{row}.5 {'USD' if row % 2 else 'EUR'}" for row in range(40)]}).columns[0]

    assert found.left_out.startswith("The column 'x' is left out: nearly every row has its own value")
    assert "because its numbers have the units EUR, USD" in found.left_out


@pytest.mark.parametrize(
    ("first", "step", "is_counter"), [(0, 1, True), (1, 1, True), (1950, 1, False), (0, 2, False)]
)
def test_an_index_that_was_saved_with_its_table_is_no_field(first: int, step: int, is_counter: bool) -> None:
    found = infer({"column 1": [first + step * row for row in range(40)]}).columns[0]

    assert ("it numbers the rows" in found.left_out) == bool(found.left_out) == is_counter
