import datetime

import pytest

from training.features.holidays import FARTHEST, day_keys, holiday_distances


def distance(day: str) -> int:
    date = datetime.date.fromisoformat(day)
    return holiday_distances()[day_keys(date.month, date.day, date.weekday())]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2018-11-22", 0),
        ("2018-11-21", -1),
        ("2018-11-25", 3),
        ("2025-11-26", -1),
        ("2013-12-31", -1),
        ("2016-02-29", FARTHEST),
        ("2018-08-15", -FARTHEST),
    ],
)
def test_a_day_has_the_distance_to_the_nearest_holiday_of_its_year(day: str, expected: int) -> None:
    if abs(expected) == FARTHEST:
        assert abs(distance(day)) == FARTHEST
    else:
        assert distance(day) == expected


def test_the_table_has_every_day_of_every_kind_of_year() -> None:
    first, last = datetime.date(1987, 1, 1), datetime.date(2043, 1, 1)
    days = (datetime.date.fromordinal(day) for day in range(first.toordinal(), last.toordinal()))

    assert {day_keys(day.month, day.day, day.weekday()) for day in days} == set(holiday_distances())
