"""StateReason and StateReasonData, in the words of alarms on AWS."""

import json

import pytest

from local.cloudwatch.alarms.evaluation import evaluate
from local.cloudwatch.alarms.state_reason import state_reason, state_reason_data
from tests.local.cloudwatch.alarms.records import datapoints, metric_alarm

M_OF_N = {"DatapointsToAlarm": 2, "TreatMissingData": "notBreaching"}


@pytest.mark.parametrize(
    ("pattern", "members", "reason"),
    [
        (
            "0 0 X 0 X",
            M_OF_N,
            (
                "Threshold Crossed: 2 out of the last 3 datapoints [2.0 (01/01/70 00:04:00), "
                "2.0 (01/01/70 00:02:00)] were greater than the threshold (1.0) "
                "(minimum 2 datapoints for OK -> ALARM transition)."
            ),
        ),
        (
            "- - - X X",
            M_OF_N,
            (
                "Threshold Crossed: 2 out of the last 3 datapoints [2.0 (01/01/70 00:04:00), "
                "2.0 (01/01/70 00:03:00)] were greater than the threshold (1.0) "
                "and 1 missing datapoint was treated as [NonBreaching] "
                "(minimum 2 datapoints for OK -> ALARM transition)."
            ),
        ),
        (
            "0 0 X X 0",
            {"DatapointsToAlarm": 3},
            (
                "Threshold Crossed: 1 out of the last 3 datapoints [0.0 (01/01/70 00:04:00)] was not greater "
                "than the threshold (1.0) (minimum 1 datapoint for ALARM -> OK transition)."
            ),
        ),
        (
            "- - - - -",
            M_OF_N,
            (
                "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were "
                "treated as [NonBreaching]."
            ),
        ),
        (
            "- - - - 0",
            {"DatapointsToAlarm": 2, "TreatMissingData": "breaching"},
            (
                "Threshold Crossed: 1 datapoint was received for 3 periods and 2 missing datapoints were "
                "treated as [Breaching]."
            ),
        ),
        ("- - - - -", {}, "Insufficient Data: 3 datapoints were unknown."),
        ("- - -", {"EvaluationPeriods": 1}, "Insufficient Data: 1 datapoint was unknown."),
        (
            "- - X",
            {"EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold"},
            (
                "Threshold Crossed: 1 datapoint [2.0 (01/01/70 00:02:00)] was greater than or equal to the "
                "threshold (1.0)."
            ),
        ),
        (
            "- - - - 0",
            {"ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching"},
            (
                "Threshold Crossed: 1 datapoint [0.0 (01/01/70 00:04:00)] was not greater than the threshold "
                "(1.0) and 2 missing datapoints were treated as [NonBreaching]."
            ),
        ),
    ],
)
def test_the_reason_has_the_words_of_aws(pattern: str, members: dict[str, object], reason: str) -> None:
    alarm = metric_alarm(**members)

    assert state_reason(alarm, evaluate(alarm, datapoints(pattern))) == reason


def test_the_reason_data_have_the_datapoints_that_decided() -> None:
    alarm, points = metric_alarm(**M_OF_N, Unit="Count"), datapoints("- X 0 - X")

    data = json.loads(state_reason_data(alarm, evaluate(alarm, points), points, now=300.5))

    assert data == {
        "version": "1.0",
        "queryDate": "1970-01-01T00:05:00.500+0000",
        "startDate": "1970-01-01T00:01:00.000+0000",
        "unit": "Count",
        "statistic": "Sum",
        "period": 60,
        "recentDatapoints": [2.0, 0.0, 2.0],
        "threshold": 1.0,
        "evaluatedDatapoints": [
            {"timestamp": "1970-01-01T00:04:00.000+0000", "sampleCount": 1.0, "value": 2.0},
            {"timestamp": "1970-01-01T00:02:00.000+0000", "sampleCount": 1.0, "value": 0.0},
            {"timestamp": "1970-01-01T00:01:00.000+0000", "sampleCount": 1.0, "value": 2.0},
        ],
    }


def test_the_reason_data_of_missing_datapoints_have_their_times_only() -> None:
    alarm, points = metric_alarm(), datapoints("- - - - -")

    data = json.loads(state_reason_data(alarm, evaluate(alarm, points), points, now=300))

    assert data["recentDatapoints"] == []
    assert data["evaluatedDatapoints"][0] == {"timestamp": "1970-01-01T00:04:00.000+0000"}
    assert "startDate" not in data
