"""The refusal of a graph that does not predict as its pipeline: the first step that differs, and the cure."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from bundle import Field, read_archive
from tests.training.toys import TOY
from training.data.data_options import only_sample
from training.data.dataset import Dataset
from training.data.split import at_random
from training.errors import TrainingError
from training.features.scaling import TreeScaler
from training.model import Model, Situation
from training.progress import SILENT
from training.training_run import Job, run

ROWS = 2_000
Steps = Callable[[], Any]


def model(make: Steps, *, absent: bool = False, regression: float = 0) -> Model:
    """A model of two numbers, with a label, or a value of the size `regression`."""
    random = np.random.default_rng(0)
    columns = {name: 5 + (random.normal(size=ROWS) * 37).round(1) for name in "ab"}
    signal = (columns["a"] - 5) / 37 + random.normal(size=ROWS)
    if absent:
        columns = {
            name: np.where(random.random(ROWS) < 0.2, np.nan, values) for name, values in columns.items()
        }
    target = signal * regression if regression else (signal > 0).astype(int)
    data = Dataset(name="numbers", columns=columns, target=target)
    found = replace(
        TOY,
        fields=tuple(Field(name=name, type="number", required=not absent, example=1.5) for name in "ab"),
        read=only_sample(lambda: data),
        split=at_random,
        situations=(Situation(name="", description="all fields"),),
        gaps=(),
        pipeline=lambda *_: make(),
    )
    return replace(found, task="regression", labels=()) if regression else found


def refusal(found: Model, out: Path) -> str:
    with pytest.raises(TrainingError) as refused:
        run(Job(name="toy", model=found, out=out, page=False), SILENT)
    assert not (out / "model.tar.gz").exists()
    return str(refused.value)


def trees() -> RandomForestClassifier:
    return RandomForestClassifier(10, random_state=0)


def scaled_columns() -> Pipeline:
    parts = [("first", "passthrough", [0]), ("second", StandardScaler(), [1])]
    return Pipeline([("features", ColumnTransformer(parts)), ("trees", trees())])


@pytest.mark.parametrize(
    ("make", "step"),
    [
        (lambda: Pipeline([("scale", StandardScaler()), ("trees", trees())]), "'scale' (StandardScaler)"),
        (
            lambda: Pipeline([("fill", SimpleImputer()), ("scale", StandardScaler()), ("trees", trees())]),
            "'scale' (StandardScaler)",
        ),
        (scaled_columns, "'features__second' (StandardScaler)"),
    ],
)
def test_scaling_before_trees_is_named_with_the_cure(make: Steps, step: str, tmp_path: Path) -> None:
    sentence = refusal(model(make), tmp_path)

    assert f"the step {step} is the first step whose outputs differ" in sentence
    assert "Leave the step out" in sentence
    assert "TreeScaler" in sentence
    assert "converter" not in sentence
    assert "\n" not in sentence


@pytest.mark.slow
def test_the_cures_of_scaling_before_trees_cure_it(tmp_path: Path) -> None:
    for number, make in enumerate(
        (lambda: make_pipeline(TreeScaler(), trees()), lambda: make_pipeline(trees()))
    ):
        report = run(Job(name="toy", model=model(make), out=tmp_path / str(number), page=False), SILENT)

        assert report.difference < 1e-6


@pytest.mark.parametrize(
    "make",
    [
        trees,
        lambda: ExtraTreesClassifier(10, random_state=0),
        lambda: DecisionTreeClassifier(max_depth=9, random_state=0),
        lambda: HistGradientBoostingClassifier(max_iter=5),
    ],
)
def test_absent_values_take_the_branch_that_trees_have_learned(make: Steps, tmp_path: Path) -> None:
    found = model(lambda: Pipeline([("trees", make())]), absent=True)

    report = run(Job(name="toy", model=found, out=tmp_path, page=False), SILENT)

    assert report.difference < 1e-6


class Doubling(StandardScaler):  # type: ignore[misc]  # scikit-learn has no types
    """A step whose converter, that of StandardScaler, computes something else."""

    def transform(self, X: Any, copy: bool | None = None) -> Any:  # noqa: N803
        return 2 * super().transform(X, copy=copy)


def test_a_step_whose_converter_is_wrong_is_named_though_another_follows(tmp_path: Path) -> None:
    from skl2onnx import update_registered_converter
    from skl2onnx.operator_converters.scaler_op import convert_sklearn_scaler
    from skl2onnx.shape_calculators.scaler import calculate_sklearn_scaler_output_shapes

    update_registered_converter(
        Doubling,
        "Doubling",
        calculate_sklearn_scaler_output_shapes,
        convert_sklearn_scaler,
        overwrite=True,
        options={"div": ["std", "div", "div_cast"]},
    )

    def make() -> Pipeline:
        return Pipeline([("twice", Doubling()), ("scale", StandardScaler()), ("model", LogisticRegression())])

    sentence = refusal(model(make), tmp_path)

    assert "the step 'twice' (Doubling) is the first step whose outputs differ" in sentence
    assert "its ONNX converter is wrong" in sentence


# Without the scaler, both compute the linear model in float32, on some processors with the same result.
@pytest.mark.parametrize(
    "steps", [(StandardScaler(), LinearRegression()), (RandomForestRegressor(5, random_state=0),)]
)
def test_values_in_the_hundreds_of_thousands_are_compared_by_their_digits(
    steps: tuple[Any, ...], tmp_path: Path
) -> None:
    found = model(lambda: make_pipeline(*clone(steps)), regression=200_000)

    report = run(Job(name="prices", model=found, out=tmp_path, page=False), SILENT)

    assert report.difference > 1e-5
    assert read_archive(tmp_path / "model.tar.gz").manifest.task == "regression"
