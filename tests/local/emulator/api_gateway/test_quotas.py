"""Quotas of usage plans on an injected calendar."""

import datetime

import pytest

from local.emulator.api_gateway.quotas import UsageQuotas, period_start


class Calendar:
    """A clock that the test moves."""

    def __init__(self, day: str) -> None:
        self.day = day

    def __call__(self) -> datetime.datetime:
        return datetime.datetime.fromisoformat(f"{self.day}T23:59:00+00:00")


def test_a_quota_lasts_until_its_period_ends() -> None:
    calendar = Calendar("2026-01-31")
    quotas = UsageQuotas(calendar)
    quota = {"limit": 2, "period": "MONTH"}
    assert [quotas.take("plan", "key", quota) for _ in range(3)] == [True, True, False]

    calendar.day = "2026-02-01"
    assert quotas.take("plan", "key", quota)


def test_each_key_has_the_whole_quota() -> None:
    quotas = UsageQuotas(Calendar("2026-01-31"))
    assert quotas.take("plan", "one", {"limit": 1})

    assert quotas.take("plan", "two", {"limit": 1})
    assert not quotas.take("plan", "two", {"limit": 1})


@pytest.mark.parametrize(
    ("today", "period", "offset", "start"),
    [
        ("2026-03-11", "DAY", 0, "2026-03-11"),
        # A Wednesday, and the Sunday and Monday before it.
        ("2026-03-11", "WEEK", 0, "2026-03-08"),
        ("2026-03-11", "WEEK", 1, "2026-03-09"),
        ("2026-03-08", "WEEK", 0, "2026-03-08"),
        ("2026-03-08", "WEEK", 1, "2026-03-02"),
        ("2026-03-11", "MONTH", 0, "2026-03-01"),
        ("2026-03-11", "MONTH", 10, "2026-03-11"),
        ("2026-03-11", "MONTH", 11, "2026-02-12"),
        ("2026-01-05", "MONTH", 9, "2025-12-10"),
    ],
)
def test_the_start_of_a_period(today: str, period: str, offset: int, start: str) -> None:
    assert period_start(datetime.date.fromisoformat(today), period, offset).isoformat() == start
