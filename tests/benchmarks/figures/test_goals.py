"""Ratios of throughputs, and verdicts on the goals."""

import pytest

from benchmarks.figures.goals import ratio, verdicts
from benchmarks.figures.results import BATCH_LOADS, CAPACITY, ROW_LOADS, Load
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


@pytest.mark.parametrize(("connections", "times"), [(1, 2), (16, 6), (64, 8)])
def test_fastapi_has_a_goal_for_each_number_of_connections(connections: int, times: int) -> None:
    load = Load("row", connections)
    goal = f"{times} times: FastAPI, uvicorn, the same ONNX; connections: {connections}"

    met = [
        {verdict.goal: verdict.met for verdict in verdicts(records)}[goal]
        for records in (
            {OURS: record(load, ours), FASTAPI: record(load, 100)} for ours in (100 * times, 100 * times - 1)
        )
    ]

    assert met == [True, False]


def test_one_connection_has_goals_of_latency_and_processor_time() -> None:
    goals = {verdict.goal: verdict for verdict in verdicts({OURS: record(ROW_LOADS[0], 100)})}

    assert not goals["p50 at one connection: 0.16 ms at most"].met
    assert goals["processor time a request at one connection: 140 µs at most"].met


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
