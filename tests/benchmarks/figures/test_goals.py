"""Ratios of throughputs, and verdicts on the goals."""

import pytest

from benchmarks.figures.goals import ratio, verdicts
from benchmarks.figures.results import BATCH_LOADS, CAPACITY
from benchmarks.serving.contender import FASTAPI, FLASK, LOOP, OURS
from tests.benchmarks.figures.records import record


def test_a_ratio_is_of_medians_and_has_the_minimum_and_maximum_of_the_rounds() -> None:
    records = {OURS: record(CAPACITY, 100, 120, 90), FASTAPI: record(CAPACITY, 20, 30, 30)}

    found = ratio(records, OURS, FASTAPI, CAPACITY)

    assert found is not None
    assert found.middle == pytest.approx(100 / 30)
    assert (found.least, found.most) == (3, 5)


def test_there_is_no_ratio_to_a_contender_that_was_not_measured() -> None:
    assert ratio({OURS: record(CAPACITY, 100)}, OURS, FASTAPI, CAPACITY) is None


@pytest.mark.parametrize(("throughput", "met"), [(20.0, True), (20.1, False)])
def test_a_goal_is_met_when_the_median_reaches_it(throughput: float, met: bool) -> None:
    records = {OURS: record(CAPACITY, 1_000), FLASK: record(CAPACITY, throughput)}

    goals = {verdict.goal: verdict.met for verdict in verdicts(records)}

    assert goals["50 times: Flask, gunicorn, nginx, scikit-learn"] is met


def test_the_goal_of_batches_is_relative_to_the_loop() -> None:
    load = BATCH_LOADS[0]
    records = {OURS: record(load, 69), LOOP: record(load, 100)}

    (verdict,) = [verdict for verdict in verdicts(records) if "JSON" in verdict.goal]

    assert not verdict.met
    assert verdict.measured == "0.69 (0.69-0.69)"


@pytest.mark.parametrize(("growth", "met"), [(4.9, True), (5.0, False)])
def test_memory_growth_has_a_verdict_only_when_it_was_measured(growth: float, met: bool) -> None:
    records = {OURS: record(CAPACITY, 100)}

    assert not any("million" in verdict.goal for verdict in verdicts(records))
    (verdict,) = [verdict for verdict in verdicts(records, growth) if "million" in verdict.goal]
    assert verdict.met is met


def test_tail_latency_start_and_memory_have_verdicts() -> None:
    goals = {verdict.measured: verdict.met for verdict in verdicts({OURS: record(CAPACITY, 100)})}

    assert goals == {"2.5 times": True, "0.50 s at most": True, "70 MB at most": True}
