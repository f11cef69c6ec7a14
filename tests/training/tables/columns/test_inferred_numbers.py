"""Numbers inferred from columns of a table: limits, notations, absent ones."""

from typing import Any

import pandas as pd
import pytest

from bundle import Field
from tests.training.tables.columns.inferred import column, field, read
from training.tables.columns.cells import cells_of
from training.tables.columns.column_values import column_values
from training.tables.columns.inference import infer
from training.tables.columns.table_column import TableColumn


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


def test_a_long_text_between_prices_counts_as_absent() -> None:
    sentence = "The price was not known on this day, $ 20 less than usual was said. " * 2 + "It is unknown."
    found = column([*["$ 1,234.50", "$ 5.25"] * 19, sentence, "$ 7.00"])

    assert (found.field.type, found.field.unit, found.missing) == ("number", "$", (sentence,))
    assert column_values(found, cells_of(["$ 1,234.50", sentence])).tolist()[0] == 1234.5


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1,234.50", "12.00"], [1234.5, 12.0]),
        (["₹1,23,456", "₹12,345.50"], [123456.0, 12345.5]),
        (["1,00,00,000", "99,999"], [10_000_000, 99_999]),
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


def test_a_comma_that_could_be_either_follows_the_other_columns_and_is_named() -> None:
    alone, beside = column(["1,234", "2,500"]), column(["1,234", "2,500"], y=["3,5", "1,25"])

    assert (alone.written, beside.written) == ("1,234.5", "1.234,5")
    assert "separate thousands" in alone.notes[0]
    assert "separate decimals" in beside.notes[0]


def test_a_leading_zero_makes_a_code_and_no_number() -> None:
    assert field(["02139", "10001", "02140", "94105"]).type == "string"


def test_numbers_in_several_units_that_look_like_identifiers_are_left_out_with_both_reasons() -> None:
    found = infer({"x": [f"{row}.5 {'USD' if row % 2 else 'EUR'}" for row in range(40)]}).columns[0]

    assert found.left_out.startswith("The column 'x' is left out: nearly every row has its own value")
    assert "because its numbers have the units EUR, USD" in found.left_out


def test_texts_between_numbers_that_make_them_strings_are_named() -> None:
    (note,) = column([*map(str, range(36)), "<5", "<7", "trace", ">40"]).notes

    assert note.startswith("The column 'x' is read as strings, because of 4 texts such as '<5' between its")


@pytest.mark.parametrize("form", [float, int, str])
def test_numbers_that_no_field_has_are_strings_in_every_form_of_table(form: type) -> None:
    values = [form(2**60), form(5)]
    found = column(values)

    assert found.field.type == "string"
    assert "because it has numbers above 9,007,199,254,740,992" in found.notes[0]
    assert read(values)[0] == str(form(2**60))


def test_numbers_of_a_column_of_strings_have_the_text_that_they_have_beside_large_ones() -> None:
    found = column([2.0**60, 0.1234567891])
    alone = column_values(found, cells_of([0.1234567891, 415.0]))

    assert alone.tolist() == ["0.1234567891", "415"]


@pytest.mark.parametrize(("code", "values"), [(-999, [-999, 18.5, 21, 23]), (0, [0, 1950, 1987, 2004])])
def test_a_number_far_from_all_others_is_named_with_the_correction(code: int, values: list[float]) -> None:
    notes = column(values).notes

    assert any(f"has {code} in 10 rows" in note and f'missing = ["{code}"]' in note for note in notes)
    assert column([0, 18, 21, 53]).notes == column([99, 98, 70, 50]).notes == ()


def test_addresses_of_computers_are_no_large_numbers() -> None:
    assert column(["10.0.11.255", "10.0.17.4", "10.0.3.17"]).notes == ()
