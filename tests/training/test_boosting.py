import numpy as np
import onnxruntime
from hypothesis import given
from hypothesis import strategies as st
from lightgbm import LGBMClassifier
from sklearn.pipeline import Pipeline

from bundle import Columns, Field
from training.boosting import round_down
from training.export import export

FLOAT32 = st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(FLOAT32, st.floats(allow_nan=False, allow_infinity=False) | FLOAT32)
def test_a_threshold_rounded_down_divides_float32_values_as_before(value: float, threshold: float) -> None:
    rounded = round_down(np.array([threshold]))

    assert rounded.dtype == np.float32
    assert (np.float32(value) <= rounded[0]) == (value <= threshold)


@given(FLOAT32)
def test_a_threshold_that_is_a_float32_value_stays(threshold: float) -> None:
    assert round_down(np.array([threshold]))[0] == threshold


def test_a_graph_tells_neighbouring_float32_values_apart_as_the_trees_do() -> None:
    # Given a tree that has to cut between two values with no float32 between them
    low = np.float32(1) + np.finfo(np.float32).eps
    high = np.nextafter(low, np.float32(2))
    rows = np.repeat([low, high], 100).reshape(-1, 1)
    trees = LGBMClassifier(n_estimators=1, min_child_samples=1, min_data_in_bin=1, n_jobs=1, verbose=-1)
    pipeline = Pipeline([("trees", trees)]).fit(rows, np.repeat([0, 1], 100))
    expected = pipeline.predict_proba(rows)
    assert expected[0, 1] != expected[-1, 1]

    # When it is exported
    columns = Columns([Field(name="x", type="number", example=1.0)])
    session = onnxruntime.InferenceSession(export(pipeline, columns))
    (answers,) = session.run(None, {"numbers": rows})

    # Then either value takes its own branch
    np.testing.assert_allclose(answers, expected, atol=1e-6)
