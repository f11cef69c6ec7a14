"""State of an alarm after M of N datapoints, in the examples of AWS's page and as properties.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.cloudwatch.alarms.evaluation import evaluate
from tests.local.cloudwatch.alarms.records import datapoints, metric_alarm

TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
ALARM, OK, INSUFFICIENT, KEPT = "ALARM", "OK", "INSUFFICIENT_DATA", None

patterns = st.lists(st.sampled_from("0X-"), min_size=5, max_size=5).map(" ".join)
treatments = st.sampled_from(TREATMENTS)
needed = st.integers(1, 3)


def state(pattern: str, treatment: str, datapoints_to_alarm: int = 3) -> str | None:
    alarm = metric_alarm(TreatMissingData=treatment, DatapointsToAlarm=datapoints_to_alarm)
    return evaluate(alarm, datapoints(pattern)).state


@pytest.mark.parametrize(
    ("datapoints_to_alarm", "pattern", "states"),
    [
        (3, "0 - X - X", (OK, OK, OK, OK)),
        (3, "- - - - 0", (OK, OK, OK, OK)),
        (3, "- - - - -", (INSUFFICIENT, KEPT, ALARM, OK)),
        (3, "0 X X - X", (ALARM, ALARM, ALARM, ALARM)),
        (3, "- - X - -", (ALARM, KEPT, ALARM, OK)),
        (2, "0 - X - X", (ALARM, ALARM, ALARM, ALARM)),
        (2, "0 0 X 0 X", (ALARM, ALARM, ALARM, ALARM)),
        (2, "0 - X - -", (OK, OK, ALARM, OK)),
        (2, "- - - - 0", (OK, OK, ALARM, OK)),
        (2, "- - - X -", (ALARM, KEPT, ALARM, OK)),
    ],
)
def test_the_tables_of_aws_hold(
    datapoints_to_alarm: int, pattern: str, states: tuple[str | None, ...]
) -> None:
    found = tuple(state(pattern, treatment, datapoints_to_alarm) for treatment in TREATMENTS)

    assert found == states


@pytest.mark.parametrize("pattern", ["- - - - X", "- - - X -", "- - - X 0", "- - X - 0"])
def test_a_young_datapoint_raises_no_premature_alarm(pattern: str) -> None:
    assert state(pattern, "missing") == OK


def test_the_next_evaluation_without_data_raises_the_alarm_of_the_tables_second_row() -> None:
    assert state("- - - - 0", "breaching") == OK
    assert state("- - - 0 -", "breaching") == OK
    assert state("- - - - -", "breaching") == ALARM


@given(patterns, needed)
def test_missing_data_counts_only_when_the_range_has_too_few(pattern: str, datapoints_to_alarm: int) -> None:
    received = pattern.replace("-", "").split()
    if len(received) < 3:
        return

    found = {state(pattern, treatment, datapoints_to_alarm) for treatment in TREATMENTS}

    is_alarm = received[-3:].count("X") >= datapoints_to_alarm
    assert found == {ALARM if is_alarm else OK}


@given(patterns, needed, treatments, st.integers(0, 4))
def test_one_more_breaching_datapoint_never_ends_an_alarm(
    pattern: str, datapoints_to_alarm: int, treatment: str, at: int
) -> None:
    letters = pattern.split()
    worse = [*letters]
    worse[at] = "X" if letters[at] != "-" else "-"

    if state(pattern, treatment, datapoints_to_alarm) == ALARM:
        assert state(" ".join(worse), treatment, datapoints_to_alarm) == ALARM


@given(patterns, needed)
def test_only_a_range_without_data_is_insufficient(pattern: str, datapoints_to_alarm: int) -> None:
    found = state(pattern, "missing", datapoints_to_alarm)

    assert (found == INSUFFICIENT) == (set(pattern.split()) == {"-"})


@given(patterns, needed)
def test_an_alarm_that_treats_missing_data_as_good_needs_m_breaching_datapoints(
    pattern: str, datapoints_to_alarm: int
) -> None:
    received = pattern.replace("-", "").split()[-3:]

    found = state(pattern, "notBreaching", datapoints_to_alarm)

    assert (found == ALARM) == (received.count("X") >= datapoints_to_alarm)


@pytest.mark.parametrize(
    ("operator", "breaching"),
    [
        ("GreaterThanThreshold", [False, False, True]),
        ("GreaterThanOrEqualToThreshold", [False, True, True]),
        ("LessThanThreshold", [True, False, False]),
        ("LessThanOrEqualToThreshold", [True, True, False]),
    ],
)
def test_a_comparison_operator_decides_which_value_breaches(operator: str, breaching: list[bool]) -> None:
    alarm = metric_alarm(ComparisonOperator=operator, Threshold=5)

    assert [alarm.is_breaching(value) for value in (4, 5, 6)] == breaching
