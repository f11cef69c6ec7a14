from dataclasses import replace
from typing import Any

import lightgbm
import numpy as np
import onnx
import onnxruntime
import pytest
from scipy.special import expit
from sklearn.metrics import brier_score_loss, roc_auc_score

from bundle import Columns
from tests.training.features.generated_rows import FIELDS, data_frame, days, generated_rows, pipeline
from training.data.dataset import Dataset
from training.data.model_inputs import graph_tensors
from training.errors import TrainingError
from training.export.onnx_export import export
from training.fit_plan import Plan
from training.fitting import boosting, calibrated_pipeline
from training.fitting.calibrated_pipeline import (
    BLOCKS,
    CalibratedPipeline,
    blocks_of_time,
    fit_calibration,
)

ROWS = 40_000


def fitted(rows: Dataset, plan: Plan | None = None) -> CalibratedPipeline:
    return pipeline(plan or Plan()).fit(data_frame(rows), rows.target, dates=days(rows))


def probabilities(model: CalibratedPipeline, rows: Dataset) -> np.ndarray:
    return np.asarray(model.predict_proba(data_frame(rows))[:, 1])


@pytest.mark.parametrize("span", [300, 800], ids=["one year", "two years, with calendar features"])
def test_a_graph_predicts_as_its_pipeline(span: int) -> None:
    model, new_rows = fitted(generated_rows(span=span)), generated_rows(seed=1, span=span)
    session = onnxruntime.InferenceSession(export(model, Columns(FIELDS)))

    for absent in ((), ("later",), ("size", "later")):
        rows = new_rows.without(absent)
        (output,) = session.run(None, graph_tensors(FIELDS, rows))
        np.testing.assert_allclose(output, model.predict_proba(data_frame(rows)), atol=1e-6)


@pytest.mark.parametrize(("span", "holidays"), [(300, False), (800, True)], ids=["one year", "two years"])
def test_a_graph_has_holidays_only_for_two_years_of_rows(span: int, holidays: bool) -> None:
    graph = onnx.load_from_string(export(fitted(generated_rows(span=span)), Columns(FIELDS))).graph

    # One product makes the numbers of the keys, another one that of the day.
    assert [node.op_type for node in graph.node].count("MatMul") == 1 + holidays


def test_a_column_that_is_known_later_improves_the_prediction() -> None:
    model, new_rows = fitted(generated_rows()), generated_rows(seed=1)

    late, early = (probabilities(model, rows) for rows in (new_rows, new_rows.without(["later"])))

    assert roc_auc_score(new_rows.target, late) > roc_auc_score(new_rows.target, early) + 0.1 > 0.7


def test_shuffled_labels_are_predicted_no_better_than_chance() -> None:
    rows, new_rows = generated_rows(20_000), generated_rows(20_000, seed=1)
    shuffled = np.random.default_rng(2).permutation(rows.target)

    auc = roc_auc_score(new_rows.target, probabilities(fitted(replace(rows, target=shuffled)), new_rows))

    assert auc == pytest.approx(0.5, abs=0.03)


def test_calibration_does_not_worsen_the_brier_score() -> None:
    rows, new_rows = generated_rows(), generated_rows(20_000, seed=1)

    raw, calibrated = (
        brier_score_loss(new_rows.target, probabilities(fitted(rows, Plan(calibrated=calibrate)), new_rows))
        for calibrate in (False, True)
    )

    assert calibrated < raw + 0.0005


def test_a_model_of_few_days_is_not_calibrated() -> None:
    model = fitted(generated_rows(1_000, span=20))

    assert set(model["boosting"].slopes_) == {1}


def test_an_interrupted_fit_ends_the_fits_of_its_calibration() -> None:
    rows = generated_rows()

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    # The million rounds of a fit that is not ended take hours.
    plan = Plan(watch=interrupt)
    model = pipeline(plan)
    model["boosting"].set_params(n_estimators=1_000_000)
    with pytest.raises(KeyboardInterrupt):
        model.fit(data_frame(rows), rows.target, dates=days(rows))


def test_rates_use_all_rows_when_trees_are_fitted_on_a_random_subset(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, new_rows = generated_rows(20_000), generated_rows(seed=1)
    complete = fitted(rows, Plan(calibrated=False))
    monkeypatch.setattr(calibrated_pipeline, "MOST_GROWN_ON", 5_000)

    sampled = fitted(rows, Plan(calibrated=False))

    for one, other in zip(complete["features"].tables_, sampled["features"].tables_, strict=True):
        np.testing.assert_array_equal(one, other)
    assert sampled["boosting"].booster_.model_to_string() != complete["boosting"].booster_.model_to_string()
    assert roc_auc_score(new_rows.target, probabilities(sampled, new_rows)) > 0.7


@pytest.mark.parametrize(("most", "copies"), [(ROWS, True), (5_000, False)], ids=["few rows", "many rows"])
def test_trees_that_calibrate_learn_many_rows_under_one_mask_each(
    monkeypatch: pytest.MonkeyPatch, most: int, copies: bool
) -> None:
    # Given a limit of the rows that trees learn, and the rows of each fit
    monkeypatch.setattr(calibrated_pipeline, "MOST_GROWN_ON", most)
    learned = []

    def boost(rows: np.ndarray, *_: object, model: Any, **__: object) -> None:
        learned.append(len(rows))
        model.booster_ = lightgbm.Booster(model_str=trees)

    trees = fitted(generated_rows(4_000), Plan(calibrated=False))["boosting"].booster_.model_to_string()
    monkeypatch.setattr(boosting, "boost", boost)

    # When a calibrated model is fitted on 20,000 rows in four blocks, whose later column may be masked
    fitted(generated_rows(20_000))

    # Then few rows are learned under both masks, and each of many under one
    blocks = sum(learned) - (40_000 if copies else 5_000 * 2)
    assert blocks == 4 * 15_000 * (2 if copies else 1)


@pytest.mark.parametrize("defect", ["no dates", "one label"])
def test_rows_without_dates_or_with_one_label_are_refused(defect: str) -> None:
    rows = generated_rows()
    target = np.ones_like(rows.target) if defect == "one label" else rows.target
    dates = None if defect == "no dates" else rows.dates

    with pytest.raises(TrainingError, match="its rows need dates, and labels of both classes"):
        pipeline(Plan()).fit(data_frame(rows), target, dates=dates)


def test_a_year_has_four_blocks_of_equal_length() -> None:
    dates = np.repeat(np.datetime64("2023-01-01") + np.arange(364), 20)

    blocks = blocks_of_time(dates)

    assert blocks is not None
    assert np.bincount(blocks).tolist() == [91 * 20] * 4
    assert (np.diff(blocks) >= 0).all()


@pytest.mark.parametrize(("days", "rows_a_day"), [(20, 1_000), (300, 2)], ids=["few days", "few rows"])
def test_few_days_or_few_rows_have_no_blocks(days: int, rows_a_day: int) -> None:
    assert blocks_of_time(np.repeat(np.datetime64("2023-01-01") + np.arange(days), rows_a_day)) is None


def test_calibration_halves_doubled_log_odds_for_blocks_of_any_level() -> None:
    # Given blocks with many more or fewer delays than the log-odds predict
    random = np.random.default_rng(0)
    true, blocks = random.normal(size=ROWS), np.arange(ROWS) * BLOCKS // ROWS
    level = np.array([-1.0, 0.0, 1.0, 2.0])[blocks]
    target = (random.random(ROWS) < expit(true + level)).astype(np.intp)

    intercept, slope = fit_calibration(2 * true, target, blocks)

    # Then the slope is correct, and the mean probability is unchanged
    assert slope == pytest.approx(0.5, abs=0.03)
    assert expit(intercept + slope * 2 * true).mean() == pytest.approx(expit(2 * true).mean(), abs=1e-6)


def test_the_slope_stays_positive_for_inverted_log_odds() -> None:
    random = np.random.default_rng(0)
    log_odds = random.normal(size=ROWS)
    target = (random.random(ROWS) < expit(-log_odds)).astype(np.intp)

    _, slope = fit_calibration(log_odds, target, np.arange(ROWS) * BLOCKS // ROWS)

    assert slope > 0
