"""Quantiles of a second target: their fit, their correction, and their graph."""

import copy
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.dummy import DummyRegressor

from bundle import QUANTILES_OUTPUT, Columns, Golden
from tests.training.features.generated_rows import FIELDS, PASSED, generated_rows
from tests.training.toys import TOY, fitted_toy, read_toy
from training.data.dataset import Dataset
from training.data.model_inputs import graph_tensors, pipeline_frame
from training.data.split import by_time, evenly
from training.errors import TrainingError
from training.export import quantile_export
from training.export.graph_scorer import GraphScorer
from training.export.onnx_export import export
from training.export.quantile_export import quantile_part
from training.export.verified_bundle import write_bundle
from training.features.features import Features
from training.features.target_encoding import HOUR
from training.fit_plan import Plan
from training.fitting.fit import Fitted
from training.model import QuantileTarget, Situation
from training.quantiles import quantile_pipeline as module
from training.quantiles.quantile_boosting import QuantileBoosting
from training.quantiles.quantile_metrics import quantile_metrics
from training.quantiles.quantile_pipeline import QuantilePipeline
from training.training_run import fit_with_quantiles

LEVELS = (0.1, 0.5, 0.9)
LATER = ((PASSED.index("later"),),)


def quantile_pipeline(columns: Columns, plan: Plan) -> QuantilePipeline:
    features = Features(
        numbers=columns.numbers,
        strings=columns.strings,
        passed=PASSED,
        date="day",
        time="time_minutes",
        rates=(("from",), ("from", HOUR)),
        counts=(),
        smoothing=20,
    )
    boosting = QuantileBoosting(levels=LEVELS, later=LATER, seed=plan.seed, n_estimators=20)
    return QuantilePipeline([("features", features), ("quantiles", boosting)])


def rows_with_minutes(rows: int = 6_000) -> Dataset:
    """Rows whose minutes are spread by 10 around 20 times `later`."""
    data = generated_rows(rows)
    noise = np.random.default_rng(1).normal(size=rows)
    return replace(data, numeric_target=20 * np.asarray(data.columns["later"]) + 10 * noise)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return rows_with_minutes()


@pytest.fixture(scope="module")
def fitted(data: Dataset) -> QuantilePipeline:
    train = data.take(np.arange(len(data)) < 5_000)
    made = quantile_pipeline(Columns(FIELDS), Plan())
    made.fit(pipeline_frame(FIELDS, train), train.numeric_target, dates=train.dates)
    return made


@pytest.fixture
def pipeline(fitted: QuantilePipeline) -> QuantilePipeline:
    """A copy, whose widths a test may change."""
    return copy.deepcopy(fitted)


def coverage(quantiles: NDArray[np.float64], rows: Dataset) -> float:
    values = np.asarray(rows.numeric_target)
    return float(((values >= quantiles[:, 0]) & (values <= quantiles[:, 2])).mean())


@pytest.mark.parametrize("absent", [(), ("later",)], ids=["all fields", "without later"])
def test_the_range_contains_its_share_of_new_rows(
    data: Dataset, pipeline: QuantilePipeline, absent: tuple[str, ...]
) -> None:
    new = data.take(np.arange(len(data)) >= 5_000)

    found = pipeline.predict(pipeline_frame(FIELDS, new.without(absent)))

    # A thousand rows give a standard error of 0.013
    assert 0.75 < coverage(found, new) < 0.9


def test_the_range_is_wider_without_a_field_that_decides(data: Dataset, pipeline: QuantilePipeline) -> None:
    all_fields, without = (
        pipeline.predict(pipeline_frame(FIELDS, data.without(absent))) for absent in ((), ("later",))
    )

    assert np.ptp(without, axis=1).mean() > 1.3 * np.ptp(all_fields, axis=1).mean()


def test_quantiles_never_cross(data: Dataset, pipeline: QuantilePipeline) -> None:
    pipeline[-1].correct({0: -30.0})

    found = pipeline.predict(pipeline_frame(FIELDS, data))

    assert (np.diff(found, axis=1) >= 0).all()


@pytest.mark.parametrize("absent", [(), ("later",), ("later", "size")], ids=str)
@pytest.mark.parametrize("width", [3.0, -8.0])
def test_the_graph_predicts_the_same_quantiles(
    data: Dataset, pipeline: QuantilePipeline, absent: tuple[str, ...], width: float
) -> None:
    pipeline[-1].correct({0: width, 1: -width})
    rows = data.without(absent)

    graph = GraphScorer(export(pipeline, Columns(FIELDS), output=QUANTILES_OUTPUT), FIELDS)
    found = graph.score(graph_tensors(FIELDS, rows))

    own = pipeline.predict(pipeline_frame(FIELDS, rows))
    assert found.shape == (len(rows), 3)
    np.testing.assert_allclose(found, own, atol=1e-5 * np.abs(own).max())


def test_the_same_rows_give_the_same_graph(data: Dataset) -> None:
    graphs = []
    for _ in range(2):
        made = quantile_pipeline(Columns(FIELDS), Plan())
        made.fit(pipeline_frame(FIELDS, data), data.numeric_target, dates=data.dates)
        graphs.append(export(made, Columns(FIELDS), output=QUANTILES_OUTPUT))

    assert graphs[0] == graphs[1]


def test_of_very_many_held_out_rows_some_correct_the_range(
    data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given at most 100 held-out rows, and the number of those that are asked
    monkeypatch.setattr(module, "FEWEST_HELD_OUT", 100)
    monkeypatch.setattr(module, "MOST_HELD_OUT", 100)
    asked = []

    def widths(_: object, matrix: NDArray[np.float32], target: NDArray[np.float64]) -> dict[int, float]:
        asked.append((len(matrix), len(target)))
        return {}

    monkeypatch.setattr(module, "conformal_widths", widths)

    # When a pipeline is fitted
    quantile_pipeline(Columns(FIELDS), Plan()).fit(
        pipeline_frame(FIELDS, data), data.numeric_target, dates=data.dates
    )

    # Then it asks 100 of the held-out rows
    assert asked == [(100, 100)]


def test_rows_without_dates_are_refused(data: Dataset) -> None:
    with pytest.raises(TrainingError, match="their rows need dates"):
        quantile_pipeline(Columns(FIELDS), Plan()).fit(
            pipeline_frame(FIELDS, data), data.numeric_target, dates=None
        )


TARGET = QuantileTarget(name="minutes", description="minutes", unit="min", pipeline=quantile_pipeline)


def test_a_model_without_second_target_and_rows_without_values_have_no_quantiles() -> None:
    _, split, fitted = fitted_toy()
    declared = replace(TOY, quantiles=TARGET)
    valued = replace(split.train, numeric_target=split.train.target)

    for model, train in ((TOY, valued), (declared, split.train)):
        assert fit_with_quantiles(lambda *_: fitted, model, train, Plan()).quantiles is None


def test_a_stopped_plan_fits_no_quantiles() -> None:
    _, split, fitted = fitted_toy()
    train = replace(split.train, numeric_target=split.train.target)

    found = fit_with_quantiles(
        lambda *_: fitted, replace(TOY, quantiles=TARGET), train, Plan(stopping=lambda: True)
    )

    assert found is fitted


def test_a_plan_that_stops_during_the_fit_has_no_quantiles() -> None:
    # Given a plan that stops when the pipeline is fitted
    _, split, fitted = fitted_toy()
    stopped = Event()

    def fit(*_: object) -> Fitted:
        stopped.set()
        return fitted

    # When the quantiles of flights are fitted next to it
    flights = replace(split.train, numeric_target=split.train.target)
    model = replace(TOY, quantiles=replace(TARGET, pipeline=lambda *_: DummyRegressor()))
    found = fit_with_quantiles(fit, model, flights, Plan(stopping=stopped.is_set))

    # Then they are left out
    assert found is fitted


def test_the_quantiles_are_fitted_next_to_the_pipeline() -> None:
    # Given a fit that ends after that of the quantiles has begun
    _, split, fitted = fitted_toy()
    begun = Event()

    def pipeline(*_: object) -> DummyRegressor:
        begun.set()
        return DummyRegressor()

    def fit(*_: object) -> Fitted:
        assert begun.wait(timeout=60)
        return fitted

    train = replace(split.train, numeric_target=split.train.target)
    model = replace(TOY, quantiles=replace(TARGET, pipeline=pipeline))

    assert isinstance(fit_with_quantiles(fit, model, train, Plan()).quantiles, DummyRegressor)


def test_a_bundle_of_data_without_a_second_target_is_the_same_to_the_byte(tmp_path: Path) -> None:
    data, split, fitted = fitted_toy()
    declared = Fitted(model=replace(TOY, quantiles=TARGET), pipeline=fitted.pipeline)

    for name, one in (("a", fitted), ("b", declared)):
        write_bundle(tmp_path / f"{name}.tar.gz", name="toy", data=data, split=split, fitted=one)

    assert (tmp_path / "a.tar.gz").read_bytes() == (tmp_path / "b.tar.gz").read_bytes()


def test_the_second_target_is_taken_with_the_rows() -> None:
    data = replace(read_toy(), numeric_target=np.arange(400.0))

    split = by_time(data, 0)

    assert split.test.numeric_target is not None
    assert split.test.numeric_target.tolist() == [*range(400 - len(split.test), 400)]


def test_coverage_and_pinball_loss_are_those_of_their_definitions() -> None:
    _, split, _ = fitted_toy()
    train = replace(split.train, numeric_target=np.arange(float(len(split.train))))
    values = np.tile([0.0, 2.0, 4.0, 10.0], len(split.test) // 4)
    given = replace(split, train=train, test=replace(split.test, numeric_target=values))
    output = np.tile([1.0, 3.0, 5.0], (len(values), 1))

    found = quantile_metrics(TOY, given, {"early": output, "late": output}, LEVELS)

    # Two of four values are in the range; the losses are those of scikit-learn's mean_pinball_loss.
    assert found["coverage"] == found["coverage_late"] == 0.5
    assert found["coverage_from"] == found["coverage_to"] == 0.5
    losses = [(0.9 + 0.1 + 0.3 + 0.9) / 4, (1.5 + 0.5 + 0.5 + 3.5) / 4, (0.5 + 0.3 + 0.1 + 4.5) / 4]
    assert found["pinball_loss"] == pytest.approx(sum(losses) / 3, abs=1e-6)
    assert found["pinball_loss_baseline"] > found["pinball_loss"]


def test_of_many_test_rows_some_are_measured_evenly_spaced(
    data: Dataset, pipeline: QuantilePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    everything = (Situation(name="all", description="all"),)
    model = replace(TOY, fields=FIELDS, situations=everything, quantiles=TARGET)
    fitted = Fitted(model=model, pipeline=None, quantiles=pipeline)
    golden = (Golden(instance=data.instance(0, [field.name for field in FIELDS]), prediction={}),)
    split = by_time(data, 0)
    few = replace(split, test=split.test.take(evenly(len(split.test), 50)))
    expected = quantile_part(fitted, fitted, few, golden)

    # When
    monkeypatch.setattr(quantile_export, "MOST_MEASURED_ROWS", 50)
    found = quantile_part(fitted, fitted, split, golden)

    # Then
    assert found == expected
    assert found is not None
    assert found.stated.metrics["coverage"] > 0
