"""Values in a log line of the embedded metric format."""

import json
from typing import Any

import pytest

from local.cloudwatch.metrics.embedded_metrics import embedded_values
from serving.lambda_function.embedded_metric import metric_line


def line(**members: Any) -> str:
    definition = {
        "Namespace": "Own",
        "Dimensions": [["Kind"], ["Kind", "Size"]],
        "Metrics": [{"Name": "Time", "Unit": "Milliseconds"}, {"Name": "Count"}],
    }
    metadata = {"Timestamp": 1500, "CloudWatchMetrics": [definition]}
    return json.dumps({"Kind": "a", "Size": "b", "Time": [1, 2], "Count": 3, "_aws": metadata, **members})


def test_each_value_has_each_combination_of_dimensions() -> None:
    found = embedded_values(line())

    both = ({"Kind": "a"}, {"Kind": "a", "Size": "b"})
    assert {value.timestamp for value in found} == {1.5}
    assert [(value.name, value.value, value.unit, value.dimensions) for value in found] == [
        (name, number, unit, dimensions)
        for dimensions in both
        for name, number, unit in (
            ("Time", 1, "Milliseconds"),
            ("Time", 2, "Milliseconds"),
            ("Count", 3, "None"),
        )
    ]


def test_the_line_of_the_model_function_is_read() -> None:
    written = metric_line("error", "reload_refused", function="model", metric="Refused", reason="any")

    [found] = embedded_values(written)

    assert (found.name, found.value, found.unit) == ("Refused", 1, "Count")
    assert [*found.dimensions.values()] == ["model"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "START",
        "{}",
        '{"_aws": 1}',
        '{"_aws": {}}',
        'print "_aws"',
        line(Time="long"),
        line(_aws={"Timestamp": 1}),
    ],
)
def test_another_line_has_none(text: str) -> None:
    assert embedded_values(text) == []
