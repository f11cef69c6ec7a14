import pytest

from training.errors import TrainingError
from training.flights.sources.months import parse_months


@pytest.mark.parametrize(
    ("spec", "first", "last", "count"),
    [
        ("2018", "2018-01", "2018-12", 12),
        ("2018-02", "2018-02", "2018-02", 1),
        ("2018-01..2018-06", "2018-01", "2018-06", 6),
        ("2018-11..2019-02", "2018-11", "2019-02", 4),
    ],
)
def test_a_year_a_month_or_a_range_gives_its_months(spec: str, first: str, last: str, count: int) -> None:
    months = parse_months(spec)

    assert (str(months[0]), str(months[-1]), len(months)) == (first, last, count)
    assert months == sorted(set(months))


@pytest.mark.parametrize(
    "spec", ["", "18", "2018-13", "2018-1", "2018..2019", "2018-06..2018-01", "1986", "2018-01..", "next"]
)
def test_an_invalid_text_is_refused_with_examples(spec: str) -> None:
    with pytest.raises(TrainingError, match=r"names no months .* write bts:2018, bts:2018-01 or bts:2018-01"):
        parse_months(spec)
