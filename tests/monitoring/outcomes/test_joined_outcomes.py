"""Join of outcomes to captured predictions."""

import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitoring.captures.capture_store import FolderCaptureStore
from monitoring.outcomes.joined_outcomes import JoinedOutcomes, join_outcomes
from monitoring.outcomes.outcome_files import Outcomes
from serving.predict.predictor import Predictor
from tests.monitoring.captured_calls import MORNING, captured_call, write_calls
from tests.tiny_bundle import write_tiny_bundle

ROWS = {"instances": [{"size": 0}, {"size": 1}, {"size": 101}]}


class Setup:
    """Captures of a tiny model in a folder; the graph gives 0.5 for size 0 and 0.7310586 for size 1."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "captures"
        self.bundle = write_tiny_bundle(folder / "tiny.tar.gz")

    def write(self, body: Any, **words: Any) -> None:
        write_calls(self.folder, [captured_call(Predictor(self.bundle), body, **words)])

    def join(self, **parts: Any) -> JoinedOutcomes:
        outcomes = Outcomes(values=parts.pop("values"))
        around = {"start": MORNING - timedelta(days=5), "end": MORNING + timedelta(days=5)}
        store = FolderCaptureStore(self.folder)
        return join_outcomes(outcomes, store, self.bundle.manifest, **(around | parts))


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(tmp_path)


@pytest.mark.parametrize("accept", ["application/json", "text/csv", "application/jsonlines"])
def test_an_outcome_belongs_to_a_row_of_its_request(setup: Setup, accept: str) -> None:
    setup.write(ROWS, id="a", query=b"on_error=skip", accept=accept)
    setup.write({"size": 1}, id="b", time=MORNING + timedelta(days=1), accept=accept)

    joined = setup.join(values={"a": {0: 0.0, 1: 1.0}, "b": {0: 1.0}})

    assert joined.days == [datetime.date(2026, 2, 15), datetime.date(2026, 2, 14), datetime.date(2026, 2, 14)]
    assert joined.predicted == [0.7310586, 0.5, 0.7310586]
    assert joined.actual == [1.0, 0.0, 1.0]


def test_outcomes_that_cannot_be_joined_are_counted(setup: Setup) -> None:
    setup.write(ROWS, id="a", query=b"on_error=skip")
    setup.write({"size": 101}, id="refused")

    joined = setup.join(values={"a": {2: 1.0, 3: 1.0}, "refused": {0: 1.0}, "unknown": {0: 1.0, 1: 0.0}})

    assert joined.size == 0
    assert (joined.without_prediction, joined.not_captured) == (3, 2)


def test_predictions_of_another_version_are_left_out(setup: Setup, tmp_path: Path) -> None:
    other = write_tiny_bundle(tmp_path / "other.tar.gz", weight=2.0)
    write_calls(setup.folder, [captured_call(Predictor(other), {"size": 1}, id="a")])

    joined = setup.join(values={"a": {0: 1.0}})

    assert (joined.size, joined.of_other_versions) == (0, 1)


def test_the_newest_captures_are_read_first_and_older_ones_only_if_needed(setup: Setup) -> None:
    for day in range(20):
        setup.write({"size": 1}, id=f"day-{day}", time=MORNING - timedelta(days=day))
    values = {f"day-{day}": {0: 1.0} for day in range(20)}

    joined = setup.join(values=values, start=MORNING - timedelta(days=30), most_rows=2)

    # Objects are read ten at a time.
    assert joined.days[:2] == [datetime.date(2026, 2, 14), datetime.date(2026, 2, 13)]
    assert (joined.size, joined.not_captured, joined.is_partial) == (10, 10, False)


def test_a_join_ends_at_its_time_limit(setup: Setup) -> None:
    for day in range(20):
        setup.write({"size": 1}, id=f"day-{day}", time=MORNING - timedelta(days=day))
    values = {f"day-{day}": {0: 1.0} for day in range(20)}
    times = iter([0.0, 299.0, 300.0])

    late = setup.join(values=values, start=MORNING - timedelta(days=30), clock=lambda: next(times))
    times = iter([0.0, 300.0])
    too_late = setup.join(values=values, start=MORNING - timedelta(days=30), clock=lambda: next(times))

    assert (late.size, late.is_partial) == (20, False)
    assert (too_late.size, too_late.not_captured, too_late.is_partial) == (10, 10, True)
