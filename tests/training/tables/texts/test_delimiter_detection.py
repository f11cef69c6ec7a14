"""Form of a table's text: delimiters win, and spaces separate columns only where all rows say so."""

import csv

import pytest

from training.data.file_format import SAMPLE_BYTES
from training.tables.texts.delimiter_detection import detected_format, first_rows, uneven_row

CARS = """mpg  cylinders horsepower origin name
18.0   8   130.0      1\t"chevrolet chevelle malibu"
25.0   4   ?          1\t"ford pinto"
"""


def header(text: str | bytes) -> tuple[tuple[str, ...], bool]:
    form = detected_format(text if isinstance(text, bytes) else text.encode(), "a.data", len)
    return form.header, form.is_spaced


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_columns_lie_between_spaces_and_tabs(encoding: str) -> None:
    text = CARS.replace("malibu", "malibü").encode(encoding)

    assert header(text) == (("mpg", "cylinders", "horsepower", "origin", "name"), True)
    assert first_rows(text, detected_format(text, "a.data", len))[1] == ["25.0", "4", "?", "1", "ford pinto"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (" a   b\n 1   2\n 3   4\n", "a b"),
        ("a\tb\n1\t2\n3\t\t4\n", "a b"),
        ("# made on Monday\na b c\n1 2 3\n# checked until here by us\n4 5 6\n", "a b c"),
        ("# a b c\n1 2 3\n4 5 6\n", "#a b c"),
        ("a b\n1,5 2,5\n3,5 4,5\n", "a b"),
        ("x y z\tname\n1 2 3\tA\n4 NA 6\tB\n", "x y z name"),
    ],
)
def test_spaces_separate_what_no_delimiter_does(text: str, names: str) -> None:
    assert header(text) == (tuple(names.split()), True)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("date time\tvalue\n2024-01-31 10:00\t5\n2024-02-01 11:00\t6\n", "date time|value"),
        ("first name,last name\nAnna Maria,Smith Jones\nEva Maria,Lee Doe\n", "first name|last name"),
        ("a b;c d\n1 2;3 4\n5 6;7 8\n", "a b|c d"),
        ("price old\tprice new\n1 234\t5 678\n2 345\t6 789\n", "price old|price new"),
        ("full name\nAnna Smith\nEva Lee Doe\n", "full name"),
        ("a   b\n1   2\n    4\n", "a   b"),
        ("a b\n", "a b"),
        ("sep=;\na b;c\n1 2;3\n", "a b|c"),
    ],
)
def test_spaces_inside_cells_separate_nothing(text: str, names: str) -> None:
    assert header(text) == (tuple(names.split("|")), False)


def test_the_form_with_the_most_known_columns_is_chosen() -> None:
    form = detected_format(b"my text\ngood film\nbad film\n", "a.csv", lambda names: names.count("my text"))

    assert form.header == ("my text",)


@pytest.mark.parametrize("gap", [" ", "  ", " \t"])
def test_a_header_of_r_without_a_name_for_the_rows_gets_an_empty_one(gap: str) -> None:
    text = f'"mpg"{gap}"cyl"\n"Mazda RX4"{gap}21{gap}6\n"Datsun 710"{gap}22{gap}4\n'

    assert header(text) == (("", "mpg", "cyl"), True)


def test_a_row_that_the_sample_cuts_does_not_count() -> None:
    row = b"1 " * 20_000 + b"1\n"

    assert header((b"a " * 20_000 + b"a\n" + row * 40)[:SAMPLE_BYTES])[1]


def test_a_cell_beyond_the_limit_of_the_reader_ends_the_search() -> None:
    before = csv.field_size_limit(100)
    try:
        assert header(b"a b\n" + b"1 2\n" * 40 + b"x" * 200 + b" 2\n") == (("a b",), False)
    finally:
        csv.field_size_limit(before)


def test_the_first_row_of_another_width_is_described() -> None:
    assert (
        uneven_row(b"model year  price\n70  3\n", "a.data") == "the row '70 3' has 2 words, and the header 3"
    )
    assert not uneven_row(b"a b\n1 2\n", "a.data")
