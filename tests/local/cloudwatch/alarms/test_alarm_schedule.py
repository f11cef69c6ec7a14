"""Evaluation of alarms by a clock, in the process of the test."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import cloudwatch, eventbridge, sns

from local.cloudwatch.alarms.alarm_schedule import AlarmClock
from local.cloudwatch.alarms.metric_alarm import AlarmRecord
from local.cloudwatch.alarms.state_change import with_event
from local.cloudwatch.metrics.metric_feed import MetricFeed
from tests.local.cloudwatch.alarms.records import ARN, alarm_record

pytestmark = pytest.mark.usefixtures("empty_cloudwatch")
START = 1_700_000_040.0
TOPIC = "arn:aws:sns:us-east-1:000000000000:alarms"


class Time:
    """Time that the test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


class Minutes:
    """A clock of alarms, and the minutes that pass."""

    def __init__(self, speed: float = 1.0) -> None:
        self._time = Time()
        self._speed = speed
        self._feed = MetricFeed(clock=self._time)
        self._clock = AlarmClock(speed=speed, clock=self._time)

    def put(self, record: AlarmRecord) -> AlarmRecord:
        cloudwatch._alarms[record["AlarmName"]] = record
        cloudwatch._record_history(record["AlarmName"], "INSUFFICIENT_DATA", "INSUFFICIENT_DATA", "created")
        return record

    def record(self, *values: float, endpoint: str = "a") -> None:
        for value in values:
            self._feed("Any", "Errors", value, unit="Count", dimensions={"Endpoint": endpoint})

    def tick(self, *, seconds: float = 60) -> None:
        """Lets seconds of AWS pass, and ticks."""
        self._time.now += seconds / self._speed
        self._clock.tick()


@pytest.fixture
def minutes() -> Minutes:
    return Minutes()


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, Any]]]:
    """What is published to topics, beside the events on the bus."""
    messages: list[tuple[str, Any]] = []
    eventbridge._events_log_list().clear()
    monkeypatch.setattr(
        sns, "_fanout", lambda topic, _id, message, _subject: messages.append((topic, json.loads(message)))
    )
    monkeypatch.setattr(cloudwatch, "_dispatch_alarm_actions", with_event(cloudwatch._dispatch_alarm_actions))
    yield messages
    eventbridge._events_log_list().clear()


def events() -> list[Any]:
    return [json.loads(event["Detail"]) for event in eventbridge._events_log_list()]


@pytest.mark.parametrize("speed", [1.0, 30.0, 600.0])
def test_an_alarm_is_raised_by_m_of_n_datapoints_and_ends_with_them(speed: float) -> None:
    # Given an alarm on two of three minutes
    minutes = Minutes(speed)
    record = minutes.put(alarm_record(DatapointsToAlarm=2, TreatMissingData="notBreaching"))

    # When minutes with errors, and then without, pass, then the state follows
    states = []
    for value in (0, 2, 0, 2, 0, 0, 0):
        minutes.record(value)
        minutes.tick()
        states.append(record["StateValue"])
    assert states == ["OK", "OK", "OK", "ALARM", "OK", "OK", "OK"]


def test_errors_of_another_dimension_raise_no_alarm(minutes: Minutes) -> None:
    record = minutes.put(alarm_record(TreatMissingData="notBreaching"))

    for _ in range(4):
        minutes.record(5, endpoint="b")
        minutes.tick()

    assert record["StateValue"] == "OK"


def test_a_clock_evaluates_without_any_data(minutes: Minutes) -> None:
    record = minutes.put(alarm_record(TreatMissingData="breaching"))

    minutes.tick()

    assert record["StateValue"] == "ALARM"
    assert record["StateReason"].startswith("Threshold Crossed: no datapoints were received for 3 periods")


def test_an_alarm_that_ignores_missing_data_keeps_its_state(minutes: Minutes) -> None:
    record = minutes.put(alarm_record(TreatMissingData="ignore", StateValue="ALARM"))

    minutes.tick()

    assert (record["StateValue"], events()) == ("ALARM", [])


def test_an_alarm_is_evaluated_once_a_minute(minutes: Minutes) -> None:
    record = minutes.put(alarm_record(TreatMissingData="notBreaching"))
    minutes.tick()

    record["StateValue"] = "ALARM"
    minutes.tick(seconds=30)
    within = record["StateValue"]
    minutes.tick(seconds=30)

    assert (within, record["StateValue"]) == ("ALARM", "OK")


def test_a_high_resolution_alarm_is_evaluated_each_ten_seconds(minutes: Minutes) -> None:
    record = minutes.put(alarm_record(Period=10, EvaluationPeriods=1, TreatMissingData="notBreaching"))

    minutes.record(5)
    minutes.tick(seconds=10)

    assert record["StateValue"] == "ALARM"


def test_the_windows_of_a_long_period_move_by_a_minute(minutes: Minutes) -> None:
    record = minutes.put(alarm_record(Period=300, EvaluationPeriods=1, TreatMissingData="notBreaching"))

    minutes.record(5)
    states = []
    for _ in range(16):
        minutes.tick()
        states.append(record["StateValue"])

    # The value is in the evaluation range of three periods, and then in none.
    assert states == ["ALARM"] * 15 + ["OK"]


def test_a_change_is_recorded_and_published(minutes: Minutes, published: list[tuple[str, Any]]) -> None:
    record = minutes.put(
        alarm_record(EvaluationPeriods=1, TreatMissingData="notBreaching", AlarmActions=[TOPIC], OKActions=[])
    )
    minutes.tick()

    minutes.record(3)
    minutes.tick()

    # The record and the history
    assert record["StateUpdatedTimestamp"] == record["StateTransitionedTimestamp"] == START + 120
    assert "[3.0 (14/11/23 22:15:00)] was greater than the threshold (1.0)" in record["StateReason"]
    assert json.loads(record["StateReasonData"])["recentDatapoints"] == [3.0]
    newest = json.loads(cloudwatch._history_entries()[-1]["HistoryData"])
    assert newest["oldState"]["stateValue"] == "OK"
    assert newest["newState"]["stateValue"] == "ALARM"
    # The topic of AlarmActions only
    [(topic, message)] = published
    assert (topic, message["AlarmName"], message["NewStateValue"]) == (TOPIC, "errors", "ALARM")
    assert message["NewStateReason"] == record["StateReason"]
    # The event
    _, event = events()
    assert event["alarmName"] == "errors"
    assert event["state"]["value"] == "ALARM"
    assert event["state"]["reason"] == record["StateReason"]
    assert event["state"]["reasonData"] == record["StateReasonData"]
    assert event["state"]["timestamp"] == "2023-11-14T22:16:00.000+0000"
    assert event["previousState"]["value"] == "OK"
    assert "no datapoints were received" in event["previousState"]["reason"]
    [metric] = event["configuration"]["metrics"]
    assert metric["metricStat"] == {
        "metric": {"namespace": "Any", "name": "Errors", "dimensions": {"Endpoint": "a"}},
        "period": 60,
        "stat": "Sum",
    }
    [sent] = [one for one in eventbridge._events_log_list() if one["Resources"] == [ARN]][1:]
    assert (sent["Source"], sent["DetailType"]) == ("aws.cloudwatch", "CloudWatch Alarm State Change")


def test_disabled_actions_publish_nothing_and_the_event_is_sent(
    minutes: Minutes, published: list[tuple[str, Any]]
) -> None:
    minutes.put(alarm_record(ActionsEnabled=False, TreatMissingData="breaching", AlarmActions=[TOPIC]))

    minutes.tick()

    assert published == []
    assert [event["state"]["value"] for event in events()] == ["ALARM"]


def test_a_composite_alarm_follows_its_metric_alarm(minutes: Minutes) -> None:
    minutes.put(alarm_record(TreatMissingData="breaching"))
    composite = {
        "AlarmName": "any",
        "AlarmArn": ARN.replace("errors", "any"),
        "AlarmRule": "ALARM(errors)",
        "StateValue": "OK",
        "StateReason": "created",
        "StateUpdatedTimestamp": 0,
    }
    cloudwatch._composite_alarms["any"] = composite

    minutes.tick()

    assert composite["StateValue"] == "ALARM"
    assert [event["alarmName"] for event in events()] == ["errors", "any"]
    assert events()[1]["configuration"] == {"alarmRule": "ALARM(errors)"}


def test_an_alarm_that_cannot_be_evaluated_stops_no_other(minutes: Minutes) -> None:
    minutes.put(alarm_record(AlarmName="broken", ComparisonOperator="Unknown", TreatMissingData="breaching"))
    record = minutes.put(alarm_record(TreatMissingData="breaching"))
    minutes.record(1)

    minutes.tick()

    assert record["StateValue"] == "OK"
