"""Days and times inferred from columns of a table."""

import datetime

import pandas as pd
import pytest

from bundle import Field
from tests.training.tables.columns.inferred import column, field, read
from training.tables.columns.cells import cells_of
from training.tables.columns.column_values import column_values
from training.tables.columns.inference import infer
from training.tables.columns.table_column import TableColumn


def test_a_day_that_counts_as_absent_is_absent_in_typed_columns_too() -> None:
    day = Field(name="x", type="date", required=False, example="2024-01-31")
    cells = cells_of([datetime.date(1900, 1, 1), datetime.date(2024, 1, 31)])

    found = column_values(TableColumn(field=day, name="x", missing=("1900-01-01",)), cells)

    assert pd.Series(found).isna().tolist() == [True, False]


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


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-31 05:10:00 UTC",
        "2024-01-31 05:10:00+00",
        "2024-01-31 05:10 -0500",
        "2024-01-31T05:10:00.25+05:30",
        "Wed, 31 Jan 2024 05:10:00 GMT",
    ],
)
def test_the_clock_of_a_time_with_a_zone_is_that_of_its_place(text: str) -> None:
    days = column([text, "2024-02-01 05:10:00" if text[0] == "2" else text.replace("31", "30")])

    assert str(column_values(days, cells_of([text])).tolist()[0]) == "2024-01-31"
    if text[0] == "2":
        assert str(column_values(days, cells_of(["2024-02-29"])).tolist()[0]) == "2024-02-29"


DAYS = [f"{day:02d}.03.2024" for day in range(1, 31)]


@pytest.mark.parametrize("others", [["TBD"], ["30.02.2024", "?? 2024", "soon"]])
def test_a_few_texts_between_dates_count_as_absent_and_are_named(others: list[str]) -> None:
    found = column([*DAYS, *others])

    assert (found.field.type, found.missing) == ("date", tuple(others))
    assert f"{others[0]!r} of the column 'x' counts as absent." in found.notes
    assert pd.Series(read([*DAYS, *others])).eq("").sum() == len(others)


def test_many_texts_between_dates_make_them_strings() -> None:
    assert field([*DAYS, "TBD", "soon", "later", "never"]).type == "string"
    assert field([*DAYS, *["TBD"] * 10]).type == "string"


def test_the_zero_day_of_mysql_is_absent() -> None:
    found = column(["2024-01-31", "0000-00-00"])

    assert (found.field.type, found.field.required, found.missing) == ("date", False, ())


def test_times_of_web_servers_and_months_are_read() -> None:
    assert (
        read(["[31/Jan/2024:23:59:01 +0100]", "[01/Feb/2024:00:11:00 +0100]"])[0].isoformat()[:10]
        == "2024-01-31"
    )
    assert read(["Dec-2011", "Jan-2012"])[0].isoformat()[:10] == "2011-12-01"


def test_the_century_of_years_of_two_digits_is_said() -> None:
    found = column(["12/31/59", "01/15/70"], "DOB")

    assert "Years of two digits in the column 'DOB' are read as 1969 to 2068" in found.notes[0]
