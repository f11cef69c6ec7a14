"""Failures of an export, as one sentence that names the step and the way out."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator

from training.checks.error_sentences import reason_of
from training.errors import TrainingError

if TYPE_CHECKING:
    from types import TracebackType

# Names under which skl2onnx's functions hold the operator that they convert.
_OPERATOR_NAMES = ("operator", "op", "self", "model")
GENERAL_WAY_OUT = (
    "use another estimator, or write its converter in a file of training/features/, as docs/add-a-model.md "
    "says"
)
_HIST = "give it numbers and categories alone, by an OrdinalEncoder of the words before it"
_BOOSTER = "give it numbers alone, by a OneHotEncoder or OrdinalEncoder of words and categories before it"
_WAYS_OUT = {
    **dict.fromkeys(("LGBMClassifier", "LGBMRegressor", "XGBClassifier", "XGBRegressor"), _BOOSTER),
    **dict.fromkeys(
        ("XGBRFClassifier", "XGBRFRegressor"), "save it with save_model('model.ubj'), and import that"
    ),
    **dict.fromkeys(("GradientBoostingClassifier", "GradientBoostingRegressor"), "fit it with init=None"),
    "IsotonicRegression": "use HistGradientBoostingRegressor(monotonic_cst=[1]) on the same column",
    "QuantileTransformer": "give it output_distribution='uniform'",
    "FunctionTransformer": "compute its result when the data are read, or take a function of NumPy such as "
    "numpy.log1p",
    "HistGradientBoostingClassifier": _HIST,
    "HistGradientBoostingRegressor": _HIST,
    "KBinsDiscretizer": 'give it encode="onehot-dense"',
    "KNNImputer": "use SimpleImputer",
    "IterativeImputer": "use SimpleImputer",
    "NearestCentroid": "use LinearDiscriminantAnalysis",
    **dict.fromkeys(("FactorAnalysis", "SparsePCA", "MiniBatchSparsePCA"), "use PCA"),
    "KernelRidge": "use SVR",
    "RandomTreesEmbedding": "use the forest or boosting itself as the last step",
    "TargetEncoder": "use OneHotEncoder or OrdinalEncoder",
    "VotingClassifier": 'give it voting="soft", and estimators that can be exported',
}


def export_error(error: Exception, pipeline: Any, *, way_out: str = GENERAL_WAY_OUT) -> TrainingError:
    """Makes the error of a failed conversion; `way_out` is for steps without one of their own."""
    estimator = _converted_estimator(error)
    kind = type(pipeline if estimator is None else estimator).__name__
    return _cannot_be_exported(pipeline, kind, reason_of(error), way_out)


def loading_error(error: Exception, pipeline: Any) -> TrainingError:
    """Makes the error of a graph that was converted but cannot be loaded."""
    kinds = {type(step).__name__: None for _, step in _named_steps(pipeline)}
    kind = next((name for name in kinds if name in _WAYS_OUT), type(pipeline).__name__)
    return _cannot_be_exported(pipeline, kind, reason_of(error), GENERAL_WAY_OUT)


def _cannot_be_exported(pipeline: Any, kind: str, reason: str, way_out: str) -> TrainingError:
    name = next((name for name, step in _named_steps(pipeline) if type(step).__name__ == kind), "pipeline")
    return TrainingError(
        f"The step {name!r} ({kind}) cannot be exported to ONNX: {_WAYS_OUT.get(kind, way_out)}. "
        f"No bundle was written. The reason is {reason}"
    )


def _named_steps(pipeline: Any) -> Iterator[tuple[str, Any]]:
    for name, value in pipeline.get_params(deep=True).items():
        if isinstance(value, BaseEstimator):
            yield name, value
    yield type(pipeline).__name__, pipeline


def _converted_estimator(error: Exception) -> BaseEstimator | None:
    """Returns the estimator whose conversion raised an exception, from the innermost frame that has one."""
    found = None
    trace: TracebackType | None = error.__traceback__
    while trace:
        for name in _OPERATOR_NAMES:
            value = trace.tb_frame.f_locals.get(name)
            estimator = getattr(value, "raw_operator", value)
            if isinstance(estimator, BaseEstimator):
                found = estimator
        trace = trace.tb_next
    return found
