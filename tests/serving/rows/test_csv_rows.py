"""CSV decoder."""

import csv
import datetime
import io
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundle import MAX_ROWS, Field
from serving.problem import Problem
from serving.rows.csv_rows import csv_text
from serving.rows.request_rows import FieldError, InvalidRow, Row
from tests.serving.rows.decoders import csv_decoder, json_decoder, tuples
from tests.tiny_bundle import FIELDS

DECODER = csv_decoder()
ROW = (3.0, 2.0, datetime.date(2024, 2, 29), "17:45", "ant")
LINE = "3,2,2024-02-29,17:45,ant"
HEADER = "size,count,day,at,kind"
WORD = [Field(name="word", type="text", required=False, example="a")]
COLOUR = [
    Field(name="colour", type="string", required=False, values=("red", "null"), example="red"),
    Field(name="day", type="date", required=False, example="2024-02-29"),
    Field(name="name", type="text", required=False, example="a"),
]


def decode(text: str, **how: Any) -> list[Row]:
    return tuples(DECODER.decode(text, **how))


def refusal(text: str, **how: Any) -> Problem:
    with pytest.raises(Problem) as refused:
        DECODER.decode(text, **how)
    return refused.value


@pytest.mark.parametrize(
    "text",
    [
        LINE,
        f"{LINE}\n",
        f"{LINE}\r\n\r\n\n",
        f"{HEADER}\r\n{LINE}\r\n",
        f"\ufeff{HEADER}\n{LINE}",
        '"3","2","2024-02-29","17:45","ant"',
        '"kind","at","day","count","size"\nant,17:45,2024-02-29,2,3',
        "day,at,kind,size,count\r2024-02-29,17:45,ant,3.0,2e0\r",
    ],
    ids=["line", "LF", "blank end", "header", "BOM", "quoted", "order", "CR"],
)
def test_equivalent_csvs_give_the_same_row(text: str) -> None:
    assert decode(text) == [ROW]


def test_empty_and_missing_cells_are_absent_values() -> None:
    absent = (3.0, None, None, None, None)

    assert decode(f'{LINE}\n3,,,,\n3,"",,\n3') == [ROW, absent, absent, absent]
    assert decode("3\n4") == [absent, (4.0, None, None, None, None)]
    assert decode("kind,size\n,3") == [absent]


def test_quoted_cells_contain_commas_line_breaks_and_quotation_marks() -> None:
    rows = csv_decoder(WORD).decode('word\r\n"a,b"\r\n"a\r\nb"\r\n"a ""b"""\r\n"a\u2028b"')

    assert rows.columns["word"] == ["a,b", "a\r\nb", 'a "b"', "a\u2028b"]


def test_a_blank_line_is_a_row_to_keep_positions() -> None:
    assert tuples(csv_decoder(WORD).decode("word\na\n\nb\n\n"), WORD) == [("a",), (None,), ("b",)]
    assert [(error.row, error.field) for error in refusal("3\n\n3").errors] == [(1, "size")]


@pytest.mark.parametrize(
    ("text", "header", "rows"),
    [
        ("size,sise\n1,2", None, None),
        ("size\n1", None, 1),
        ("size,kind\n1,ant", True, 1),
        ("1,2\n3,4", None, 2),
        ("1,2\n3,4", False, 2),
        ("1,2\n3,4", True, None),
        ("size\n1", False, None),
    ],
)
def test_a_header_is_declared_or_detected(text: str, header: bool | None, rows: int | None) -> None:
    if rows is None:
        assert refusal(text, header=header).status == 422
    else:
        assert len(decode(text, header=header)) == rows


def test_all_errors_of_a_header_are_listed() -> None:
    problem = refusal("kinds,count,count,kind\nant,1,1,ant")

    assert problem.status == 422
    assert problem.detail == (
        "The header of the CSV is wrong: 'kinds' is not a field of this model: did you mean kind?; "
        "count is there 2 times; size is required."
    )


def test_a_repeated_unknown_name_is_listed_once() -> None:
    assert refusal("size,x,x\n1,1,1", header=True).detail == (
        "The header of the CSV is wrong: 'x' is not a field of this model."
    )


def test_the_first_unknown_names_are_listed_and_the_others_counted() -> None:
    names = [f"size{number}" for number in range(100_000)]

    detail = refusal(",".join(names), header=True).detail

    assert "'size19' is not a field of this model: did you mean size?" in detail
    assert detail.endswith("; 99980 more names are not fields either; size is required.")


def test_one_very_long_row_among_many_is_refused() -> None:
    problem = refusal("1\n" * 999 + "," * 500_000)

    assert [(error.row, error.rule) for error in problem.errors] == [
        (999, "has 500001 cells: 5 are the most")
    ]


@pytest.mark.parametrize(
    "cell",
    [
        *("1_000", " 1", "1 ", "\t1", "+1", ".5", "5.", "01", "0x10", "1e400", "-1e400", "9" * 5_000, "1;5"),
        *("inf", "-inf", "nan", "NaN", "Infinity", "null", "NULL", "None", "true", "-", "\uff11", "101"),
    ],
)
def test_a_cell_that_is_not_a_json_number_is_refused(cell: str) -> None:
    for text in (f"size\n{cell}", f"size\n1\n{cell}\n2", f"{cell},1\n1,2"):
        assert [error.field for error in refusal(text).errors] == ["size"]
    optional = f"size,count\n1,\n1,{cell}\n"
    assert cell == "101" or [error.field for error in refusal(optional).errors] == ["count"]


@pytest.mark.parametrize(
    ("cell", "number"), [("1e-400", 0.0), ("-0", 0.0), ("1E1", 10.0), ("7.50", 7.5), ("99", 99.0)]
)
def test_a_cell_with_a_json_number_is_the_number(cell: str, number: float) -> None:
    assert decode(f"size\n{cell}")[0][0] == number


def test_null_and_true_are_strings_in_string_fields() -> None:
    decoder = csv_decoder(COLOUR)

    rows = decoder.decode("null,,null\nred,2024-02-29,None\n,,1\n,,2024-01-01\n,,true\n,,")

    assert rows.columns["name"] == ["null", "None", "1", "2024-01-01", "true", None]
    assert rows.columns["colour"] == ["null", "red", None, None, None, None]
    for wrong in ("NULL,,", ",null,"):
        with pytest.raises(Problem):
            decoder.decode(f"red,2024-02-29,a\n,,\n{wrong}")


def test_errors_count_rows_from_below_the_header() -> None:
    problem = refusal(f"{HEADER}\n{LINE}\n,x,2023-02-29,24:00,ANT,more\n,x,2023-02-29,24:00,ANT\n{LINE}")

    assert [(error.row, error.field) for error in problem.errors] == [
        (1, None),
        *((2, field.name) for field in FIELDS),
    ]
    assert problem.errors[0].rule == "has 6 cells: 5 are the most"
    assert problem.detail == "The request has 6 errors in 2 of its 4 rows."


@pytest.mark.parametrize(("delimiter", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")])
@pytest.mark.parametrize("first", [HEADER, LINE], ids=["header", "line"])
@pytest.mark.parametrize("header", [None, True, False])
def test_another_delimiter_than_the_comma_is_named(
    first: str, delimiter: str, name: str, header: bool | None
) -> None:
    problem = refusal(f"{first}\n{LINE}".replace(",", delimiter), header=header)

    assert problem.status == 400
    assert problem.detail == (
        f"The body is not CSV (its cells are separated by {name}): send comma-separated values, in UTF-8."
    )


def test_another_delimiter_beside_decimal_commas_is_named() -> None:
    problem = refusal("3,5;2;2024-02-29;17:45;ant")

    assert problem.detail.startswith("The body is not CSV (its cells are separated by semicolons)")


def test_a_first_line_with_another_delimiter_is_skipped_as_an_invalid_row() -> None:
    rows = DECODER.decode(f"{LINE.replace(',', ';')}\n{LINE}", skip=True)

    assert tuples(rows) == [ROW]
    assert [*rows.invalid] == [0]


def test_a_short_first_line_without_another_delimiter_has_the_errors_of_its_row() -> None:
    problem = refusal("3,2,a;b")

    assert [error.field for error in problem.errors] == ["day"]


def test_a_valid_first_line_with_semicolons_leaves_the_errors_of_later_lines() -> None:
    fields = [Field(name="word", type="text", example="a"), Field(name="size", type="number", example=1)]

    with pytest.raises(Problem) as refused:
        csv_decoder(fields).decode("a;b,1\na;b")

    assert [(error.row, error.field) for error in refused.value.errors] == [(1, "size")]


def test_invalid_rows_can_be_skipped() -> None:
    rows = DECODER.decode(f"{HEADER}\nx,\n{LINE}\n3,,,,,\n{LINE}", skip=True)

    assert tuples(rows) == [ROW, ROW]
    assert rows.invalid == {
        0: InvalidRow([FieldError("size", "must be a number from 0 to 100 cm")]),
        2: InvalidRow([FieldError(rule="has 6 cells: 5 are the most")]),
    }


@pytest.mark.parametrize(
    "text", ['size\n"1', 'size\n"1"2\n', "s\0i\0z\0e\0\n\x001", 'size\n1\n2,"a\n'], ids=range(4)
)
def test_invalid_csv_is_400(text: str) -> None:
    problem = refusal(text)

    assert (problem.status, problem.detail.startswith("The body is not CSV (")) == (400, True)


def test_invalid_utf8_is_400() -> None:
    with pytest.raises(Problem) as refused:
        csv_text("1,é".encode("latin-1"))

    assert refused.value.status == 400


def test_a_cell_may_contain_a_long_text() -> None:
    fields = [Field(name="word", type="text", max_length=500_000, example="a")]

    assert tuples(csv_decoder(fields).decode("word\n" + "x" * 400_000), fields) == [("x" * 400_000,)]


def test_one_row_more_than_the_limit_is_refused() -> None:
    assert len(decode("1\n" * MAX_ROWS)) == len(decode("size\n" + "1\n" * MAX_ROWS)) == MAX_ROWS
    for text in ("1\n" * (MAX_ROWS + 1), "size\n" + "1\n" * (MAX_ROWS + 1)):
        assert refusal(text).status == 413


CELLS = st.sampled_from(
    ["", "1", "100.5", "-1", "1.5", "7e0", "nan", "null", "2024-02-29", "17:45", "ant", "Ant", "1e999"]
) | st.text(st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"]), max_size=4)


@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=6), min_size=1, max_size=4))
def test_csv_and_json_accept_the_same_rows(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)

    found = DECODER.decode(text.getvalue(), header=False, skip=True)
    values = [[json_value(position, cell) for position, cell in enumerate(row)] for row in rows]
    expected = json_decoder().decode(json.dumps({"values": values}).encode(), skip=True)

    assert (tuples(found), [*found.invalid]) == (tuples(expected), [*expected.invalid])


def json_value(position: int, cell: str) -> Any:
    """Converts a cell to its JSON value; text that is not a JSON number remains text."""
    if cell == "":
        return None
    try:
        number = json.loads(cell, parse_int=float) if position < 2 else cell
    except ValueError:
        return cell
    finite = isinstance(number, float) and math.isfinite(number) and cell == cell.strip()
    return number if finite else cell
