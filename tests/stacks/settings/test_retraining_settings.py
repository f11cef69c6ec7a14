"""Settings of retraining: their values, and the conflicts between them."""

from typing import Any

import pytest

from stacks.settings.retraining.parsers import schedule_of
from stacks.settings.settings import Settings, SettingsError

ON = {"model": "first", "retrain": "manual", "data": "s3://flights/rows"}


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("retrain", "weekly", "off, manual, monthly, data, drift"),
        ("retrain", True, "off, manual, monthly, data, drift"),
        # EventBridge refuses a day of the month beside a day of the week.
        ("retrain", "cron(0 6 1 * MON *)", "such as cron(0 6 ? * MON *)"),
        ("retrain", "cron(0 6 * * *)", "six fields"),
        ("retrain", "rate(1 day)", "a schedule of EventBridge"),
        ("data", "rows", "the S3 URI of a folder"),
        ("data", "s3://flights/*", "the S3 URI of a folder"),
        ("data", "s3://flights//", "the S3 URI of a folder"),
        ("weather", "iem", "the S3 URI of a folder of hourly weather"),
        ("approve", "yes", "auto or manual"),
        ("training_instance_type", "ml.m5.xlrge", "ml.m5.xlarge"),
        ("training_instance_type", "ml.r8g.large", "x86"),
        ("training_hours", "0", "from 1 to 120"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(name: str, value: Any, allowed: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_context(ON | {name: value})

    assert f"The setting {name} is {value!r}" in str(refused.value)
    assert allowed in str(refused.value)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"retrain": "monthly"},
            (
                "The setting retrain is 'monthly', and data is not set: set data to the S3 URI of the "
                "folder with the rows, s3://bucket/folder/, or to own."
            ),
        ),
        (
            {"retrain": "manual", "data": "own", "models": "first,second"},
            (
                "The setting retrain is 'manual', and models is 'first,second': the versions of several "
                "models are released by a deployment only, so leave retrain out, or models."
            ),
        ),
        (
            {**ON, "retrain": "drift"},
            (
                "The setting retrain is 'drift', and monitor is off, so that nothing finds drift: set "
                "monitor to daily, or retrain to monthly."
            ),
        ),
        (
            {**ON, "hosting": "lambda", "bundle": "s3://models/model.tar.gz", "reload": "60"},
            (
                "The setting reload is 60, and retrain is 'manual': the function would follow another "
                "bundle than the one that a retraining releases, so leave reload out, or retrain."
            ),
        ),
        (
            {"training_spot": "true"},
            (
                "The setting training_spot is true, and retrain is off, so that nothing is trained: leave"
                " training_spot out, or set retrain to manual."
            ),
        ),
        (
            {"weather": "own"},
            (
                "The setting weather is 'own', and retrain is off, so that nothing is trained: leave "
                "weather out, or set retrain to manual."
            ),
        ),
        (
            {"approve": "auto"},
            (
                "The setting approve is 'auto', and retrain is off, so that nothing is trained: leave "
                "approve out, or set retrain to manual."
            ),
        ),
    ],
)
def test_a_conflict_is_one_sentence_with_its_resolution(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_context({"model": "first"} | given)

    assert str(refused.value) == sentence


@pytest.mark.parametrize("data", ["s3://flights", "s3://flights/"])
def test_the_rows_may_be_a_whole_bucket(data: str) -> None:
    assert Settings.from_context(ON | {"data": data}).data == "s3://flights/"


def test_nothing_is_retrained_unless_it_is_asked_for() -> None:
    assert not Settings.from_context({"model": "first", "stage": "prod"}).is_retrained
    assert Settings.from_context(ON).is_retrained


def test_only_a_month_and_a_schedule_have_a_clock() -> None:
    assert schedule_of("monthly") == "cron(0 6 1 * ? *)"
    assert schedule_of("cron(0 6 ? * MON *)") == "cron(0 6 ? * MON *)"
    assert {schedule_of(word) for word in ("off", "manual", "data", "drift")} == {None}
