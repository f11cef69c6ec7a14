"""Conversion of a fitted scikit-learn estimator to a graph, with the types of the sample's columns."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, Int64TensorType, StringTensorType
from sklearn import __version__ as sklearn_version
from sklearn.base import is_classifier
from sklearn.compose import ColumnTransformer

from training.checks.error_sentences import reason_of
from training.errors import TrainingError
from training.export.ensembles.calibrations import score_options
from training.export.export_errors import export_error
from training.export.library_converters import register_library_converters
from training.export.onnx_export import OPSETS
from training.export.sklearn_steps.absent_branches import with_finite_thresholds
from training.importing.graphs.double_precision_steps import runnable_in_double
from training.importing.graphs.foreign_graph import open_session
from training.importing.graphs.label_names import label_text
from training.importing.pipelines.conversion_cures import (
    cure_of_difference,
    splits_computed_numbers,
    strange_words,
)
from training.importing.pipelines.estimator_checks import check_estimator
from training.importing.pipelines.step_checks import check_steps
from training.importing.pipelines.target_transforms import (
    undone,
    without_target_transform,
)
from training.importing.pipelines.text_columns import known_values, with_empty_words, word_columns
from training.importing.pipelines.text_rules import word_rules
from training.importing.pipelines.wrappers import without_wrappers
from training.importing.readers.foreign_model import ForeignModel
from training.importing.sample import Sample

_WAY_OUT = "use another step, or a graph of the model that you exported yourself"


def sklearn_model(model: Any, sample: Sample, *, origin: str, made_with: str = "") -> ForeignModel:
    """Converts a fitted estimator, with the types of the sample's columns.

    Args:
        model: The estimator.
        sample: The sample rows.
        origin: What it was read from.
        made_with: The other version of scikit-learn that made it; "" for the version that is installed.

    Raises:
        TrainingError: When it is no fitted classifier with probabilities and no regressor, or a step has no
            converter.
    """
    model, threshold = without_wrappers(model)
    notes: tuple[str, ...] = (_version_note(made_with),) if made_with else ()
    if threshold is not None:
        notes = (
            *notes,
            (
                f"The model has the threshold {threshold:g}, and the bundle answers with one half: give "
                f"threshold={threshold:g} with each request."
            ),
        )
    names = [str(name) for name in getattr(model, "feature_names_in_", ())]
    first = sample.typed[:1]
    check_estimator(model, first[names] if names and {*names} <= {*first} else first.to_numpy())
    check_steps(model)
    texts = word_rules(model, [str(name) for name in sample.typed])
    words = tuple(name for name in word_columns(model) if name not in texts)
    sample = sample.with_words(words).with_texts([*texts])
    kinds: list[Any] = [FloatTensorType, DoubleTensorType, Int64TensorType]
    if splits_computed_numbers(model):
        # Rows that the sample lacks would take other branches of the trees in float32.
        kinds[:2] = [DoubleTensorType, FloatTensorType]
    strange = strange_words(sample, names, [*words, *texts])
    classes = [label_text(label) for label in model.classes_] if is_classifier(model) else []

    def converted(kind: Any) -> ForeignModel:
        return ForeignModel(
            model=_convert(model, _initial_types(model, names, sample, kind), strange),
            origin=f"{origin}, {type(model).__name__}",
            columns=tuple(names),
            labels=tuple(classes),
            words=words,
            texts=texts,
            known=known_values(model),
            original=_original(model, names, _cure_of_rows(made_with)),
            libraries={"scikit-learn": sklearn_version},
            cure=_version_cure(made_with) or cure_of_difference(model),
            notes=notes,
            alternatives=tuple(_later(converted, other) for other in kinds[1:] if kind is kinds[0]),
        )

    return _first_converted(converted, kinds)


def _first_converted(convert: Callable[[Any], ForeignModel], kinds: Sequence[Any]) -> ForeignModel:
    try:
        found = convert(kinds[0])
        open_session(found.model.SerializeToString())
    except TrainingError:
        if kinds[0] is FloatTensorType:
            raise
        return convert(FloatTensorType)
    return found


def _later(convert: Callable[[Any], ForeignModel], kind: Any) -> Callable[[], ForeignModel]:
    return lambda: convert(kind)


def _initial_types(model: Any, names: list[str], sample: Sample, kind: Any) -> list[tuple[str, Any]]:
    """Returns the inputs of the graph: one a column for a pipeline that selects columns by name, else one."""
    words = sample.words
    is_selecting = any(
        isinstance(part, ColumnTransformer) for part in (model, *model.get_params(deep=True).values())
    )
    used = [words.get(name, False) for name in names] or [*words.values()]
    if names and (is_selecting or len({*used}) > 1):
        return [
            (name, (StringTensorType if has_words else kind)([None, 1]))
            for name, has_words in zip(names, used, strict=True)
        ]
    width = len(names) or getattr(model, "n_features_in_", 1)
    return [("columns", (StringTensorType if all(used) else kind)([None, width]))]


def _convert(model: Any, inputs: list[tuple[str, Any]], strange: str) -> Any:
    register_library_converters()
    model, steps = without_target_transform(model)
    copied = with_finite_thresholds(with_empty_words(model))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            converted = convert_sklearn(
                copied,
                name="model",
                initial_types=inputs,
                target_opset=OPSETS,
                options=_options(copied),
            )
        except TrainingError:
            raise
        except Exception as error:
            if strange and "Type" in type(error).__name__:
                raise TrainingError(strange) from error
            raise export_error(error, model, way_out=_WAY_OUT) from error
    converted = undone(converted, steps)
    is_double = any(isinstance(kind, DoubleTensorType) for _, kind in inputs)
    return runnable_in_double(converted) if is_double else converted


def _options(model: Any) -> dict[Any, Any]:
    own = {id(model): {"zipmap": False}} if is_classifier(model) else {}
    return {**own, **score_options(model)}


def _version_note(made_with: str) -> str:
    return (
        f"The model was made with scikit-learn {made_with} and was loaded with {sklearn_version}; its "
        "predictions are those of the latter."
    )


def _version_cure(made_with: str) -> str:
    if not made_with:
        return ""
    return (
        f"The model was made with scikit-learn {made_with}, and {sklearn_version} is installed here: export "
        "it to ONNX there (skl2onnx.to_onnx), and import that file"
    )


def _cure_of_rows(made_with: str) -> str:
    return _version_cure(made_with) or "Give rows as its training had them"


def _original(model: Any, names: list[str], cure: str) -> Callable[[Any], NDArray[Any]]:
    def predict(rows: Any) -> NDArray[Any]:
        table = rows if names else rows.to_numpy()
        if not names and not hasattr(model, "n_features_in_"):
            table = table[:, 0]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found = model.predict_proba(table) if is_classifier(model) else model.predict(table)
            except Exception as error:
                raise TrainingError(
                    f"The {type(model).__name__} cannot predict the sample rows. {cure}. The reason is "
                    f"{reason_of(error)}"
                ) from error
        return np.asarray(found, dtype=np.float64).reshape(len(rows), -1)

    return predict
