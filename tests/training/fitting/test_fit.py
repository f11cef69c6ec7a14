from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import LinearSVC

from tests.training.toys import TOY, toy_pipeline
from training.checks.error_sentences import step_error
from training.errors import TrainingError
from training.fit_plan import Plan
from training.fitting.fit import check_pipeline

SCALED = StandardScaler().fit(np.ones((3, 1)))


@pytest.mark.parametrize(
    ("pipeline", "sentence"),
    [
        (
            Pipeline([("scale", SCALED), ("model", LogisticRegression())]),
            "step 'scale' is fitted already: return it",
        ),
        (
            Pipeline([("all", Pipeline([("scale", SCALED)])), ("model", LogisticRegression())]),
            "step 'all__scale' is fitted already",
        ),
        (LogisticRegression().fit([[0], [1]], [0, 1]), "step 'LogisticRegression' is fitted already"),
        (None, "pipeline() returned None, which is no estimator"),
        (LogisticRegression, "which is no estimator"),
        (LinearRegression(), "The task of the model is binary, and pipeline() returned no classifier"),
        (
            LinearSVC(),
            "has no predict_proba, so there are no probabilities: put it into CalibratedClassifierCV",
        ),
    ],
)
def test_a_pipeline_that_cannot_be_trained_is_refused(pipeline: Any, sentence: str) -> None:
    with pytest.raises(TrainingError) as refusal:
        check_pipeline(TOY, pipeline)

    assert sentence in str(refusal.value)


def test_an_unfitted_pipeline_is_accepted() -> None:
    check_pipeline(TOY, toy_pipeline(TOY.columns, Plan()))


def test_a_failed_fit_names_the_step_of_the_pipeline() -> None:
    def fail(_: Any) -> Any:
        raise ValueError("no such thing\nwith a long explanation")

    pipeline = Pipeline([("own", FunctionTransformer(fail)), ("model", LogisticRegression())])

    with pytest.raises(ValueError, match="no such thing") as failure:
        pipeline.fit([[0.0], [1.0]], [0, 1])

    sentence = str(step_error("fitting", failure.value))
    assert sentence.startswith(
        "The model's code failed when fitting, in the step 'own': ValueError: no such thing"
    )
