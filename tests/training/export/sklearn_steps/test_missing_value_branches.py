"""Trees of scikit-learn on rows with absent values."""

import copy
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from skl2onnx.common import tree_ensemble
from sklearn.base import is_classifier
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from training.export.sklearn_steps.missing_value_branches import with_finite_thresholds
from training.importing.pipelines.sklearn_conversion import sklearn_model
from training.importing.sample import read_sample

MODELS = (
    RandomForestClassifier(4, random_state=0),
    RandomForestRegressor(4, random_state=0),
    ExtraTreesRegressor(4, random_state=0),
    DecisionTreeClassifier(max_depth=4),
    DecisionTreeRegressor(max_depth=4),
    BaggingClassifier(DecisionTreeClassifier(max_depth=4), 3, random_state=0),
)


def rows(*, with_gaps: bool) -> pd.DataFrame:
    random = np.random.default_rng(5)
    table = pd.DataFrame(random.normal(size=(80, 2)).astype(np.float32).astype(float), columns=["a", "b"])
    return table.mask(random.random((80, 2)) < 0.2) if with_gaps else table


def graph_output(model: Any, table: pd.DataFrame) -> Any:
    found = sklearn_model(model, read_sample(table, ""), origin="pickle").model
    session = onnxruntime.InferenceSession(found.SerializeToString())
    return session.run(None, {"columns": table.to_numpy(dtype=np.float32)})[-1].reshape(len(table), -1)


@pytest.mark.parametrize("learned_gaps", [True, False])
@pytest.mark.parametrize("model", MODELS, ids=lambda one: type(one).__name__)
def test_an_absent_value_takes_the_branch_that_the_tree_has_for_it(model: Any, learned_gaps: bool) -> None:
    # Given
    table, learned = rows(with_gaps=True), rows(with_gaps=learned_gaps)
    target = learned["a"].isna() + learned["b"].fillna(0) * 2
    fitted = copy.deepcopy(model).fit(learned, target > 0.5 if is_classifier(model) else target)

    # When
    found = graph_output(fitted, table)

    # Then
    expected = fitted.predict_proba(table) if is_classifier(model) else fitted.predict(table)
    np.testing.assert_allclose(found, expected.reshape(len(table), -1), atol=1e-6)


def test_infinite_thresholds_become_finite_in_the_trees_of_a_forest() -> None:
    table = pd.DataFrame({"a": [1.0, 2.0, np.nan, np.nan] * 10})
    forest = RandomForestClassifier(2, random_state=0).fit(table, [0, 0, 1, 1] * 10)
    before = [one.tree_.threshold.copy() for one in forest.estimators_]

    with_finite_thresholds(forest)

    assert np.isinf(np.concatenate(before)).any()
    assert all(np.isfinite(one.tree_.threshold).all() for one in forest.estimators_)
    assert forest.predict(table).tolist() == [0, 0, 1, 1] * 10


def test_the_conversion_in_double_has_no_infinite_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    # skl2onnx's search for the number before infinity has no end.
    search = tree_ensemble.find_switch_point

    def checked(one: Any, two: Any) -> Any:
        assert np.isfinite([one, two]).all()
        return search(one, two)

    monkeypatch.setattr(tree_ensemble, "find_switch_point", checked)
    table = pd.DataFrame({"a": [1.0, 2.0, np.nan, np.nan] * 10})
    tree = DecisionTreeRegressor().fit(table, [0.0, 1.0, 5.0, 5.0] * 10)

    found = sklearn_model(tree, read_sample(table, ""), origin="pickle").alternatives[0]().model

    session = onnxruntime.InferenceSession(found.SerializeToString())
    [values] = session.run(None, {"columns": table.to_numpy()})
    assert values.ravel().tolist() == tree.predict(table).tolist()
