"""Schedules of EventBridge that a setting may have."""

import pytest

from stacks.settings.retraining.schedule import is_schedule


@pytest.mark.parametrize(
    "text",
    [
        "cron(0 6 1 * ? *)",
        "cron(0 6 ? * MON *)",
        "cron(0 6 ? * MON-FRI *)",
        "cron(0/15 6-8 ? JAN,MAR 2L 2027)",
        "cron(*/5 * L * ? *)",
        "cron(59 23 31 12 ? 2199)",
        "cron(0 6 3W 1-3 ? 2026-2030)",
        "cron(0 6 ? * MON#1 *)",
    ],
)
def test_a_schedule_of_the_documentation_is_accepted(text: str) -> None:
    assert is_schedule(text)


@pytest.mark.parametrize(
    "text",
    [
        "cron(60 6 ? * MON *)",
        "cron(0 24 1 * ? *)",
        "cron(0 6 32 * ? *)",
        "cron(0 6 0 * ? *)",
        "cron(0 6 1 13 ? *)",
        "cron(0 6 ? * MOX *)",
        "cron(0 6 ? * 8 *)",
        "cron(0 6 ? * MON#6 *)",
        "cron(0 6 ? * MON 1969)",
        "cron(*/0 6 ? * MON *)",
        "cron(- 6 ? * MON *)",
        "cron(0 6 1 * 2 *)",
        "cron(0 6 ? * ? *)",
        "cron(0 6 ? * MON)",
        "cron(0  6 ? * MON *)",
        "cron(0 6 40W * ? *)",
    ],
)
def test_a_schedule_that_eventbridge_refuses_is_none(text: str) -> None:
    assert not is_schedule(text)
