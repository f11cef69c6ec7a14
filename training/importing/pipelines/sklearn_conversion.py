"""Conversion of a fitted scikit-learn estimator to a graph, with the types of the sample's columns."""

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, Int64TensorType, StringTensorType
from sklearn import __version__ as sklearn_version
from sklearn.base import is_classifier
from sklearn.compose import ColumnTransformer

from training.errors import TrainingError
from training.export.boosters.category_table import keys_of
from training.export.ensembles.calibrations import score_options
from training.export.export_errors import export_error
from training.export.library_converters import register_library_converters
from training.export.onnx_export import OPSETS
from training.export.sklearn_steps.fitted_steps import fitted_steps
from training.export.sklearn_steps.missing_value_branches import with_finite_thresholds
from training.importing.column_matching import columns_by_name, found_columns
from training.importing.graphs.double_precision_steps import runnable_in_double
from training.importing.graphs.foreign_graph import open_session
from training.importing.graphs.label_names import label_text
from training.importing.pipelines.categorical_sample import kind_of, refuse_unknown_in_steps
from training.importing.pipelines.conversion_advice import (
    advice_on_difference,
    advice_on_rows,
    needs_double,
    refuse_strange,
    strange_words,
    version_advice,
    version_note,
)
from training.importing.pipelines.estimator_checks import check_estimator
from training.importing.pipelines.original_predictions import original_predictions
from training.importing.pipelines.pandas_categories import (
    is_closed,
    passed_categories,
    with_codes_as_categories,
    with_lookups,
)
from training.importing.pipelines.step_checks import check_steps
from training.importing.pipelines.target_transforms import (
    undone,
    without_target_transform,
)
from training.importing.pipelines.text_columns import (
    known_values,
    looked_up_columns,
    number_words,
    whole_numbers,
    with_empty_words,
    word_columns,
)
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
    notes: tuple[str, ...] = (version_note(made_with),) if made_with else ()
    if threshold is not None:
        notes = (
            *notes,
            (
                f"The model has the threshold {threshold:g}, and the bundle answers with one half: give "
                f"threshold={threshold:g} with each request."
            ),
        )
    names = [str(name) for name in getattr(model, "feature_names_in_", ())]
    columns_by_name(names, [*sample.typed], names, target=sample.target)
    there = found_columns(names, sample.typed)
    sample = sample.renamed({column: name for name, column in there.items()})
    first = sample.typed[:1]
    check_estimator(model, first[names] if names and {*names} <= {*first} else first.to_numpy())
    check_steps(model)
    texts = word_rules(model, [str(name) for name in sample.typed])
    passed = passed_categories(model, names, sample.words)
    closed = is_closed(model)
    keys = {name: keys_of(values, is_closed=closed) for name, values in passed.items()}
    found = {
        *word_columns(model),
        *number_words(model),
        *(name for name, one in keys.items() if isinstance(one[0], str)),
    }
    words = tuple(name for name in names or [*sample.words] if name in found and name not in texts)
    sample = sample.with_words(words).with_texts([*texts])
    kinds: list[Any] = [FloatTensorType, DoubleTensorType, Int64TensorType]
    if needs_double(model):
        kinds[:2] = [DoubleTensorType, FloatTensorType]
    strange = strange_words(sample, names, [*words, *texts])
    original = original_predictions(model, names, passed, advice_on_rows(made_with))
    if {*names} <= {*sample.typed}:
        refuse_strange(strange, original, sample.typed[names])
    refuse_unknown_in_steps(model, passed, sample)
    whole = {**whole_numbers(model), **passed}
    classes = [label_text(label) for label in model.classes_] if is_classifier(model) else []

    def converted(kind: Any) -> ForeignModel:
        return ForeignModel(
            model=_convert(model, _initial_types(model, names, sample, kind, passed), strange, passed),
            origin=f"{origin}, {type(model).__name__}",
            columns=tuple(names),
            labels=tuple(classes),
            words=words,
            kinds={name: kind_of(values) for name, values in whole.items() if name not in words},
            texts=texts,
            known={**known_values(model), **(passed if closed else {})},
            looked_up=(*looked_up_columns(model), *passed),
            original=original,
            libraries={"scikit-learn": sklearn_version},
            cure=version_advice(made_with) or advice_on_difference(model),
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


def _initial_types(
    model: Any, names: list[str], sample: Sample, kind: Any, codes: Collection[str]
) -> list[tuple[str, Any]]:
    """Returns the inputs of the graph: one a column for a pipeline that selects columns by name, else one."""
    words = sample.words
    is_selecting = any(isinstance(step, ColumnTransformer) for step in fitted_steps(model))
    used = [words.get(name, False) and name not in codes for name in names] or [*words.values()]
    if names and (codes or is_selecting or len({*used}) > 1):
        return [
            (name, (StringTensorType if has_words else kind)([None, 1]))
            for name, has_words in zip(names, used, strict=True)
        ]
    width = len(names) or getattr(model, "n_features_in_", 1)
    return [("columns", (StringTensorType if all(used) else kind)([None, width]))]


def _convert(
    model: Any, inputs: list[tuple[str, Any]], strange: str, passed: Mapping[str, Sequence[Any]]
) -> Any:
    register_library_converters()
    model, steps = without_target_transform(model)
    copied = with_codes_as_categories(with_finite_thresholds(with_empty_words(model)), passed)
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
    converted = with_lookups(
        undone(converted, steps), [name for name, _ in inputs], passed, closed=is_closed(model)
    )
    is_double = any(isinstance(kind, DoubleTensorType) for _, kind in inputs)
    return runnable_in_double(converted) if is_double else converted


def _options(model: Any) -> dict[Any, Any]:
    own = {id(model): {"zipmap": False}} if is_classifier(model) else {}
    return {**own, **score_options(model)}
