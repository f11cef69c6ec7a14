"""Meaning of the outputs of an imported graph: where its probabilities or value are, and its labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import onnx
from numpy.typing import NDArray

from training.errors import TrainingError
from training.importing.graphs.graph_nodes import producer
from training.importing.graphs.label_names import check_given, class_lists, fitting_labels, label_text
from training.importing.graphs.probabilities import (
    SUM_TOLERANCE,
    check_probabilities,
    ends_in_share,
    is_position,
    refuse_score,
    value_note,
)

OutputForm = Literal["value", "probabilities", "positive", "maps", "columns"]


@dataclass(frozen=True, kw_only=True)
class OutputMeaning:
    """Output of a graph that has its predictions.

    Attributes:
        names: Names of the outputs: one, or one for each label in the form `columns`.
        form: `value` of a regression; `probabilities` of all labels; the probability of the `positive`
            label alone; `maps` of labels to probabilities, a row each; or `columns`, an output a label.
        labels: Labels in the order of the probabilities; empty in a regression.
        label_output: Name of the output with the predicted label; "" without one.
        keys: Labels as the maps have them.
        notes: Sentences on what was assumed.
    """

    names: tuple[str, ...]
    form: OutputForm
    labels: tuple[str, ...] = ()
    label_output: str = ""
    keys: tuple[Any, ...] = ()
    notes: tuple[str, ...] = ()

    def read(self, outputs: Mapping[str, Any]) -> NDArray[np.float64]:
        """Returns probabilities of shape (rows, labels), or values of shape (rows, 1), of the outputs."""
        if self.form == "maps":
            rows = outputs[self.names[0]]
            return np.array([[row[key] for key in self.keys] for row in rows], dtype=np.float64)
        found = np.concatenate([_two_dimensional(outputs[name]) for name in self.names], axis=1)
        return np.concatenate([1 - found, found], axis=1) if self.form == "positive" else found


def output_meaning(
    model: onnx.ModelProto,
    outputs: Mapping[str, Any],
    *,
    labels: Sequence[str],
    answers: Sequence[str] | None,
) -> OutputMeaning:
    """Finds the meaning of a graph's outputs from the graph and from its outputs for the sample rows.

    Args:
        model: The graph.
        outputs: Its outputs for the sample rows by name; one with maps is a list of dicts.
        labels: Labels in the order of the probabilities; empty when only the graph may name them.
        answers: Right answers of the sample rows as text; None when they are not given.

    Raises:
        TrainingError: When the outputs have no probabilities and no value, or their meaning is unknown.
    """
    maps = [name for name, found in outputs.items() if isinstance(found, list)]
    tensors = {name: _two_dimensional(found) for name, found in outputs.items() if name not in maps}
    numbers = {name: found for name, found in tensors.items() if found.dtype.kind == "f"}
    predicted = next((name for name, found in tensors.items() if found.dtype.kind in "iuOUSb"), "")
    if len(maps) == 1:
        return _of_maps(model, maps[0], outputs[maps[0]], predicted, labels)
    if maps or not numbers:
        raise _unusable(model, outputs, predicted if not maps else "")
    name = _chosen(model, numbers, predicted, outputs)
    if not name:
        if labels:
            check_given(labels, len(numbers))
        return OutputMeaning(
            names=tuple(numbers),
            form="columns",
            labels=tuple(labels or (one.removeprefix("i").removeprefix("s") for one in numbers)),
            label_output=predicted,
        )
    found = numbers[name]
    is_classifier = bool(
        labels or predicted or found.shape[1] > 1 or _is_positive(model, name, found, answers)
    )
    if not is_classifier:
        refuse_score(name, answers)
        return OutputMeaning(names=(name,), form="value", notes=value_note(name, found, answers))
    form: OutputForm = "positive" if found.shape[1] == 1 else "probabilities"
    check_probabilities(name, found)
    whole = np.concatenate([1 - found, found], axis=1) if form == "positive" else found
    is_named = predicted and not is_position(model.graph, predicted)
    predictions = tensors[predicted][:, 0] if is_named else None
    names, notes = fitting_labels(
        class_lists(model), whole, predictions=predictions, given=labels, answers=answers
    )
    return OutputMeaning(names=(name,), form=form, labels=names, label_output=predicted, notes=notes)


def _of_maps(
    model: onnx.ModelProto, name: str, rows: Sequence[Any], predicted: str, labels: Sequence[str]
) -> OutputMeaning:
    node = producer(model.graph, name)
    if node is None or node.op_type != "ZipMap" or not rows or not isinstance(rows[0], dict):
        raise TrainingError(
            f"The model's output {name!r} is a sequence, and an answer is one label or value a row: export "
            "the model with a tensor as its output."
        )
    [keys] = class_lists(model, [node])
    found = np.array([[row[key] for key in keys] for row in rows], dtype=np.float64)
    check_probabilities(name, found)
    names = tuple(map(label_text, keys))
    if labels:
        check_given(labels, len(keys), names)
        names = tuple(labels)
    return OutputMeaning(names=(name,), form="maps", labels=names, label_output=predicted, keys=tuple(keys))


def _chosen(
    model: onnx.ModelProto, numbers: Mapping[str, NDArray[Any]], predicted: str, outputs: Mapping[str, Any]
) -> str:
    """Returns the one output with the predictions; "" when each label has its own."""
    if len(numbers) == 1:
        return next(iter(numbers))
    likely = [name for name in numbers if "prob" in name.lower()]
    if len(likely) == 1:
        return likely[0]
    is_column = all(found.shape[1] == 1 for found in numbers.values())
    if predicted and is_column:
        total = np.concatenate([*numbers.values()], axis=1).sum(axis=1)
        if np.allclose(total, 1, atol=SUM_TOLERANCE):
            return ""
    raise _unusable(model, outputs, "", likely=_likeliest(numbers))


def _likeliest(numbers: Mapping[str, NDArray[Any]]) -> str:
    """Returns the output whose rows are probabilities; the first one without any."""
    for name, found in numbers.items():
        is_share = bool((found >= 0).all()) and found.shape[1] > 1
        if is_share and np.allclose(found.sum(axis=1), 1, atol=SUM_TOLERANCE):
            return name
    return next(iter(numbers))


def _unusable(
    model: onnx.ModelProto, outputs: Mapping[str, Any], predicted: str, *, likely: str = ""
) -> TrainingError:
    if predicted:
        return TrainingError(
            f"The model's only output {predicted!r} is a label without probabilities, and an answer has "
            "both: export it with its probabilities, or put a classifier without predict_proba into "
            "CalibratedClassifierCV."
        )
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [value.name for value in model.graph.input if value.name not in constants]
    return TrainingError(
        f"The model has the outputs {', '.join(outputs)}, and which of them is the answer is not known: keep "
        f"the one with the probabilities or the value, such as with onnx.utils.extract_model('model.onnx', "
        f"'one.onnx', {inputs}, {[likely or next(iter(outputs))]}), and import one model for each answer."
    )


def _is_positive(
    model: onnx.ModelProto, name: str, found: NDArray[Any], answers: Sequence[str] | None
) -> bool:
    """Whether one number a row is the probability of a positive label: the graph ends in a sigmoid."""
    two = answers is None or len({*answers}) <= 2
    is_share = bool(((found >= 0) & (found <= 1)).all())
    return is_share and two and ends_in_share(model.graph, name)


def _two_dimensional(found: Any) -> NDArray[Any]:
    table = np.asarray(found)
    return table.reshape(len(table), -1) if table.ndim else table.reshape(1, 1)
