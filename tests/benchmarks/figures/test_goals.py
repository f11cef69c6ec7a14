"""What the figures say of the goals."""

import pytest

from benchmarks.figures.goals import ratio, verdicts
from benchmarks.figures.results import BATCH_LOADS, CAPACITY
from benchmarks.serving.contender import FASTAPI, FLASK, LOOP, OURS
from tests.benchmarks.figures.records import record


def test_a_ratio_is_that_of_the_medians_with_the_least_and_the_most_of_a_round() -> None:
    records = {OURS: record(CAPACITY, 100, 120, 90), FASTAPI: record(CAPACITY, 20, 30, 30)}

    found = ratio(records, OURS, FASTAPI, CAPACITY)

    assert found is not None
    assert found.middle == pytest.approx(100 / 30)
    assert (found.least, found.most) == (3, 5)


def test_there_is_no_ratio_to_what_was_not_measured() -> None:
    assert ratio({OURS: record(CAPACITY, 100)}, OURS, FASTAPI, CAPACITY) is None


@pytest.mark.parametrize(("theirs", "met"), [(20.0, True), (20.1, False)])
def test_a_goal_is_met_when_the_median_reaches_it(theirs: float, met: bool) -> None:
    records = {OURS: record(CAPACITY, 1_000), FLASK: record(CAPACITY, theirs)}

    goals = {verdict.goal: verdict.met for verdict in verdicts(records)}

    assert goals["50 times: Flask, gunicorn, nginx, scikit-learn"] is met


def test_batches_are_held_against_the_loop() -> None:
    load = BATCH_LOADS[0]
    records = {OURS: record(load, 69), LOOP: record(load, 100)}

    (verdict,) = [verdict for verdict in verdicts(records) if "JSON" in verdict.goal]

    assert not verdict.met
    assert verdict.measured == "0.69 (0.69-0.69)"


@pytest.mark.parametrize(("growth", "met"), [(4.9, True), (5.0, False)])
def test_growth_is_a_goal_when_it_was_asked_for(growth: float, met: bool) -> None:
    records = {OURS: record(CAPACITY, 100)}

    assert not any("million" in verdict.goal for verdict in verdicts(records))
    (verdict,) = [verdict for verdict in verdicts(records, growth) if "million" in verdict.goal]
    assert verdict.met is met


def test_one_server_is_held_against_its_tail_its_start_and_its_memory() -> None:
    goals = {verdict.measured: verdict.met for verdict in verdicts({OURS: record(CAPACITY, 100)})}

    assert goals == {"2.5 times": True, "0.50 s at most": True, "70 MB at most": True}
