import pytest

from tests.training.toys import FIELDS, TOY, fitted_toy
from training.evaluation.permutation_importance import permutation_importance
from training.export.graph_scorer import GraphScorer
from training.export.onnx_export import export


def test_only_fields_that_the_graph_uses_have_importance() -> None:
    # Given a bundle's graph that uses kind and size
    _, split, fitted = fitted_toy()
    scorer = GraphScorer(export(fitted.pipeline, TOY.columns), FIELDS)

    # When each field's values are shuffled
    found = permutation_importance(TOY, split.test, scorer.score)

    # Then only those two lose ROC AUC, and fields absent in a situation are left out
    assert found["early"].keys() == {"kind", "size"}
    assert found["late"]["size"] > found["late"]["kind"] > 0.01
    assert found["late"]["late"] == pytest.approx(0)


def test_of_many_fields_those_are_measured_that_lose_most_on_few_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given a graph that uses kind and size of three fields
    _, split, fitted = fitted_toy()
    scorer = GraphScorer(export(fitted.pipeline, TOY.columns), FIELDS)
    expected = permutation_importance(TOY, split.test, scorer.score)

    # When only two may be measured
    monkeypatch.setattr("training.evaluation.permutation_importance.MOST_MEASURED_FIELDS", 2)
    found = permutation_importance(TOY, split.test, scorer.score)

    # Then they are these two, with the importance that they have among all
    assert found["late"] == {name: expected["late"][name] for name in ("kind", "size")}
