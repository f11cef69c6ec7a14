import datetime

import pytest

from training.errors import TrainingError
from training.flights.date_formats import (
    COMPACT,
    DAY_FIRST,
    ISO,
    MONTH_FIRST,
    YEAR_FIRST,
    DateColumn,
    DateForm,
)


def forms(*texts: str, has_clock: bool = False) -> list[DateForm]:
    column = DateColumn((text, has_clock) for text in texts)
    return column.forms(today=lambda: datetime.date(2025, 6, 1), column="FL_DATE", file="own.csv")


@pytest.mark.parametrize(
    ("texts", "order", "separator", "year_digits"),
    [
        (["31/01/2018", "01/02/2018"], DAY_FIRST, "/", 4),
        (["01/31/2018", "01/02/2018"], MONTH_FIRST, "/", 4),
        (["1.2.2018", "3.4.2018"], DAY_FIRST, ".", 4),
        (["31-01-2018", "01-02-2018"], DAY_FIRST, "-", 4),
        (["31/01/18", "01/02/18"], DAY_FIRST, "/", 2),
        (["01/31/18", "01/02/18"], MONTH_FIRST, "/", 2),
        (["18-01-31", "18-02-27"], YEAR_FIRST, "-", 2),
        (["31.01.18", "28.02.18"], DAY_FIRST, ".", 2),
        (["2018/01/31"], YEAR_FIRST, "/", 4),
        (["1/1/2018"], MONTH_FIRST, "/", 4),
    ],
)
def test_the_order_is_decided_from_the_whole_column(
    texts: list[str], order: str, separator: str, year_digits: int
) -> None:
    assert forms(*texts) == [DateForm(order=order, separator=separator, year_digits=year_digits)]


def test_texts_that_are_no_dates_have_no_form() -> None:
    assert forms("", "31 Jan 2018", "2018", "1/2", "1/2/345") == []
    assert forms("2018-01-31", "20180131", "soon") == [COMPACT, ISO]


def test_a_twelve_hour_clock_shows_that_the_month_is_first() -> None:
    assert forms("2/3/2018 1", has_clock=True) == [DateForm(order=MONTH_FIRST, separator="/")]


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["2/3/2018", "4/5/2018"], r"2/3/2018 has the month first or the day first, and no date of the file"),
        (["2/3/18"], r"2/3/18 has the month first or the day first"),
        (["31/1/2018", "1/31/2018"], r"1/31/2018 has the month first, but 31/1/2018 has the day first"),
    ],
)
def test_an_ambiguous_or_contradictory_column_is_refused(texts: list[str], sentence: str) -> None:
    with pytest.raises(
        TrainingError, match=rf"own\.csv .* column FL_DATE .*{sentence}.* Write them as 2018-01-31"
    ):
        forms(*texts)


def test_a_few_contradicting_dates_count_as_unreadable() -> None:
    days = [f"1/{day}/2018" for day in range(1, 32)] + [f"3/{day}/2018" for day in range(1, 32)]
    more = [f"{month}/{day}/2018" for month in range(4, 13) for day in range(1, 31)]

    assert forms(*days, *more, "31/3/2018") == [DateForm(order=MONTH_FIRST, separator="/")]
