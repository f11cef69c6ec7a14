from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
from scipy.special import expit
from sklearn.metrics import brier_score_loss, roc_auc_score

from bundle import Columns
from tests.training.features.made import FIELDS, days, made, made_frame, pipeline
from training.data.dataset import Dataset
from training.data.inputs import graph_tensors
from training.errors import TrainingError
from training.export.onnx_export import export
from training.fitting import calibrated_pipeline
from training.fitting.calibrated_pipeline import (
    BLOCKS,
    CalibratedPipeline,
    blocks_of_time,
    fit_calibration,
)
from training.plan import Plan

ROWS = 40_000


def fitted(rows: Dataset, plan: Plan | None = None) -> CalibratedPipeline:
    return pipeline(plan or Plan()).fit(made_frame(rows), rows.target, dates=days(rows))


def probabilities(model: CalibratedPipeline, rows: Dataset) -> np.ndarray:
    return np.asarray(model.predict_proba(made_frame(rows))[:, 1])


@pytest.mark.parametrize("span", [300, 800], ids=["one year", "two years, so with the calendar"])
def test_a_graph_answers_as_the_pipeline(span: int) -> None:
    model, asked = fitted(made(span=span)), made(seed=1, span=span)
    session = onnxruntime.InferenceSession(export(model, Columns(FIELDS)))

    for absent in ((), ("later",), ("size", "later")):
        rows = asked.without(absent)
        (answers,) = session.run(None, graph_tensors(FIELDS, rows))
        np.testing.assert_allclose(answers, model.predict_proba(made_frame(rows)), atol=1e-6)


@pytest.mark.parametrize(("span", "holidays"), [(300, False), (800, True)], ids=["one year", "two years"])
def test_a_graph_of_one_year_has_no_holidays_in_it(span: int, holidays: bool) -> None:
    graph = onnx.load_from_string(export(fitted(made(span=span)), Columns(FIELDS))).graph

    assert ("MatMul" in {node.op_type for node in graph.node}) == holidays


def test_what_is_known_later_is_used_when_it_is_known() -> None:
    model, asked = fitted(made()), made(seed=1)

    late, early = (probabilities(model, rows) for rows in (asked, asked.without(["later"])))

    assert roc_auc_score(asked.target, late) > roc_auc_score(asked.target, early) + 0.1 > 0.7


def test_shuffled_outcomes_can_not_be_told() -> None:
    rows, asked = made(20_000), made(20_000, seed=1)
    shuffled = np.random.default_rng(2).permutation(rows.target)

    auc = roc_auc_score(asked.target, probabilities(fitted(replace(rows, target=shuffled)), asked))

    assert auc == pytest.approx(0.5, abs=0.03)


def test_calibration_makes_it_no_worse() -> None:
    rows, asked = made(), made(20_000, seed=1)

    raw, calibrated = (
        brier_score_loss(asked.target, probabilities(fitted(rows, Plan(calibrated=own)), asked))
        for own in (False, True)
    )

    assert calibrated < raw + 0.0005


def test_calibration_is_left_out_where_it_would_rest_on_nothing() -> None:
    model = fitted(made(1_000, span=20))

    assert set(model["boosting"].slopes_) == {1}


def test_rows_beyond_the_most_are_drawn_and_still_tell_their_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, asked = made(20_000), made(seed=1)
    every = fitted(rows, Plan(calibrated=False))
    monkeypatch.setattr(calibrated_pipeline, "MOST_GROWN_ON", 5_000)

    drawn = fitted(rows, Plan(calibrated=False))

    for one, other in zip(every["features"].tables_, drawn["features"].tables_, strict=True):
        np.testing.assert_array_equal(one, other)
    assert drawn["boosting"].booster_.model_to_string() != every["boosting"].booster_.model_to_string()
    assert roc_auc_score(asked.target, probabilities(drawn, asked)) > 0.7


@pytest.mark.parametrize("flaw", ["no dates", "one label"])
def test_rows_that_teach_nothing_are_refused_in_a_sentence(flaw: str) -> None:
    rows = made()
    target = np.ones_like(rows.target) if flaw == "one label" else rows.target
    dates = None if flaw == "no dates" else rows.dates

    with pytest.raises(TrainingError, match="its rows need dates, and labels of both classes"):
        pipeline(Plan()).fit(made_frame(rows), target, dates=dates)


def test_a_year_has_four_blocks_of_as_many_days() -> None:
    dates = np.repeat(np.datetime64("2023-01-01") + np.arange(364), 20)

    blocks = blocks_of_time(dates)

    assert blocks is not None
    assert np.bincount(blocks).tolist() == [91 * 20] * 4
    assert (np.diff(blocks) >= 0).all()


@pytest.mark.parametrize(("days", "rows_a_day"), [(20, 1_000), (300, 2)], ids=["few days", "few rows"])
def test_too_little_has_no_blocks(days: int, rows_a_day: int) -> None:
    assert blocks_of_time(np.repeat(np.datetime64("2023-01-01") + np.arange(days), rows_a_day)) is None


def test_log_odds_twice_as_large_as_they_should_be_are_halved_whatever_the_level_of_their_block() -> None:
    # Given blocks that are late much more or less often than the log-odds say
    random = np.random.default_rng(0)
    true, blocks = random.normal(size=ROWS), np.arange(ROWS) * BLOCKS // ROWS
    level = np.array([-1.0, 0.0, 1.0, 2.0])[blocks]
    target = (random.random(ROWS) < expit(true + level)).astype(np.intp)

    intercept, slope = fit_calibration(2 * true, target, blocks)

    # Then the slope is found, and the mean stays the model's own
    assert slope == pytest.approx(0.5, abs=0.03)
    assert expit(intercept + slope * 2 * true).mean() == pytest.approx(expit(2 * true).mean(), abs=1e-6)


def test_log_odds_that_say_nothing_never_turn_round() -> None:
    random = np.random.default_rng(0)
    log_odds = random.normal(size=ROWS)
    target = (random.random(ROWS) < expit(-log_odds)).astype(np.intp)

    _, slope = fit_calibration(log_odds, target, np.arange(ROWS) * BLOCKS // ROWS)

    assert slope > 0
