"""Metric of refused requests, in lines of CloudWatch's embedded metric format."""

import pytest

from local.cloudwatch.metrics.embedded_metrics import embedded_values
from serving.lambda_function.refusal_metric import RefusalMetric
from tests.serving.clock import FakeClock


class Setup:
    """A metric with a clock of the test; `lines` are those of the log."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.lines: list[str] = []
        self.metric = RefusalMetric(function="model", version="7", clock=self.clock, write=self.lines.append)

    def record(self, *outcomes: bool) -> None:
        for refused in outcomes:
            self.metric.record(refused=refused)

    def values(self) -> list[list[float]]:
        return [[found.value for found in embedded_values(line)] for line in self.lines]


@pytest.fixture
def setup() -> Setup:
    return Setup()


def test_the_first_request_is_written_at_once_and_later_ones_together(setup: Setup) -> None:
    setup.record(True)
    setup.record(False, True)
    setup.clock.now += 1
    setup.record(False)

    assert setup.values() == [[1.0], [0.0, 1.0, 0.0]]


def test_the_metric_is_one_of_the_version(setup: Setup) -> None:
    setup.record(True)

    [found] = embedded_values(setup.lines[0])
    assert (found.namespace, found.name, found.unit) == ("Predictions", "RequestsRefused", "Count")
    assert found.dimensions == {"FunctionName": "model", "FunctionVersion": "7"}


def test_a_line_has_at_most_a_hundred_values(setup: Setup) -> None:
    setup.record(*[False] * 101)

    assert [len(values) for values in setup.values()] == [1, 100]


def test_a_clock_that_is_set_back_does_not_stop_the_metric(setup: Setup) -> None:
    setup.record(True)
    setup.clock.now -= 100
    setup.record(True)

    assert len(setup.lines) == 2
