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
def test_a_text_names_months(spec: str, first: str, last: str, count: int) -> None:
    named = parse_months(spec)

    assert (str(named[0]), str(named[-1]), len(named)) == (first, last, count)
    assert named == sorted(set(named))


@pytest.mark.parametrize(
    "spec", ["", "18", "2018-13", "2018-1", "2018..2019", "2018-06..2018-01", "1986", "2018-01..", "next"]
)
def test_a_text_that_names_none_is_refused_with_what_would(spec: str) -> None:
    with pytest.raises(TrainingError, match=r"names no months .* write bts:2018, bts:2018-01 or bts:2018-01"):
        parse_months(spec)
