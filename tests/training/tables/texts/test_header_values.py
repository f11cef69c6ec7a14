"""A first line of values is no header."""

import pytest

from training.errors import TrainingError
from training.tables.texts.header_values import check_header

IRIS = ["5.1,3.5,1.4,0.2,setosa", "4.9,3.0,1.4,0.3,setosa", "6.3,3.3,6.0,2.5,virginica"]
CARS = ["vhigh,vhigh,2,2,small,low,unacc", "high,vhigh,2,2,big,low,acc", "vhigh,low,3,4,small,high,acc"]


def check(header: str, *rows: str) -> None:
    check_header(header.split(","), [row.split(",") for row in rows], "a.data")


@pytest.mark.parametrize(
    "lines",
    [
        [*IRIS, "4.7,3.6,1.3,0.1,versicolor", "7.0,2.9,1.5,0.4,setosa"],
        CARS,
        ["1,1920,39.8", "2,1921,41.9", "3,1922,45", "4,1923,49.2"],
        ["so there is no way,0", "good case,1", "great,0"],
        ["?,13,a", "4,14,b", "5,12,a"],
    ],
)
def test_a_first_line_of_values_is_refused(lines: list[str]) -> None:
    with pytest.raises(TrainingError, match=r"The first line of a\.data seems to be a row of values"):
        check(*lines)


def test_the_sentence_shows_the_values_and_what_to_do() -> None:
    with pytest.raises(TrainingError) as refused:
        check(*CARS)

    assert str(refused.value) == (
        "The first line of a.data seems to be a row of values and no header: vhigh, vhigh, 2, 2, small could "
        "be 6 values of the 7 columns. Write a line of 7 names above it, separated as the rows are; if it is "
        "a header, begin its names with letters that no value has."
    )


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("length,width,kind", ["5.1,3.5,a", "4.9,3.0,b"]),
        ("0,1,2,3,label", ["0,1,5,13,4", "1,0,2,3,9"]),
        ("country,1990,2000,2005", ["A,1995,1500,2010", "B,1900,2300,1999"]),
        ("country,2010", ["A,1995", "B,2300"]),
        (",".join(str(900 - 1.5 * step**1.01) for step in range(12)), ["880," * 11 + "880"]),
        ("a,b,c", ["a,b,c", "1,2,3"]),
        ("Python,R,other", ["Python,,", ",R,", "Python,R,yes"]),
        ("id,1,name", ["1,2,x", "2,1,y"]),
        ("p,5,25,50", ["x,900,950,990", "y,800,850,870"]),
        ("a,b", []),
        ("a,,", ["1,2,3", "4,5,6"]),
    ],
)
def test_names_of_columns_are_a_header(header: str, rows: list[str]) -> None:
    check(header, *rows)
