import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.pipeline import Pipeline

from bundle import Columns, Field
from training.export.graphs.tree_ensemble import round_down
from training.export.onnx_export import export
from training.fit_plan import Plan
from training.fitting.boosting import Boosting

FLOAT32 = st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(FLOAT32, st.floats(allow_nan=False, allow_infinity=False) | FLOAT32)
def test_a_threshold_rounded_down_separates_float32_values_as_before(value: float, threshold: float) -> None:
    rounded = round_down(np.array([threshold]))

    assert rounded.dtype == np.float32
    assert (np.float32(value) <= rounded[0]) == (value <= threshold)


@given(FLOAT32)
def test_a_float32_threshold_is_not_changed(threshold: float) -> None:
    assert round_down(np.array([threshold]))[0] == threshold


def boosting(columns: int, **parameters: int) -> Boosting:
    own = {"n_estimators": 5, "num_leaves": 7, "min_child_samples": 1, "max_bin": 63, **parameters}
    model = Boosting(
        later=((columns - 1,),), plan=Plan(), learning_rate=0.3, feature_fraction=1.0, lambda_l2=0.0, **own
    )
    model.positions_ = list(range(columns))
    return model


def graph_of(model: Boosting, columns: int) -> onnxruntime.InferenceSession:
    fields = [
        Field(name=f"x{number}", type="number", required=False, example=1.0) for number in range(columns)
    ]
    return onnxruntime.InferenceSession(export(Pipeline([("trees", model)]), Columns(fields)))


def test_a_graph_separates_neighbouring_float32_values_as_the_trees_do() -> None:
    # Given trees that separate two neighbouring float32 values
    low = np.float32(1) + np.finfo(np.float32).eps
    high = np.nextafter(low, np.float32(2))
    rows = np.repeat([low, high], 100).reshape(-1, 1)
    model = boosting(1).fit(rows, np.repeat([0, 1], 100))
    expected = model.predict_proba(rows)
    assert expected[0, 1] != expected[-1, 1]

    # When they are exported
    (output,) = graph_of(model, 1).run(None, {"numbers": rows})

    # Then each value takes its own branch
    np.testing.assert_allclose(output, expected, atol=1e-6)


@pytest.mark.parametrize("known", [True, False], ids=["absent sometimes", "never absent in training"])
def test_a_graph_handles_absent_values_as_the_trees_do(known: bool) -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(2_000, 3)).astype(np.float32)
    if known:
        rows[random.random(rows.shape) < 0.3] = np.nan
    target = (np.nan_to_num(rows).sum(axis=1) + random.normal(size=len(rows)) > 0).astype(int)
    model = boosting(3).fit(rows, target)
    model.calibrate({0: (0.2, 0.8), 1: (-0.3, 1.1)})

    rows_with_absent = np.array(
        [[0.5, np.nan, 1], [np.nan, -2, np.nan], [np.nan] * 3, [1, 2, 3]], dtype=np.float32
    )
    (output,) = graph_of(model, 3).run(None, {"numbers": rows_with_absent})

    np.testing.assert_allclose(output, model.predict_proba(rows_with_absent), atol=1e-6)
    np.testing.assert_allclose(output.sum(axis=1), 1, atol=1e-6)
