"""Names of the labels of an imported classifier, in the order of its probabilities."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from training.errors import TrainingError
from training.importing.graphs.graph_nodes import all_nodes

_LEAST_AGREEMENT = 0.5
_ATTRIBUTES = ("classlabels_strings", "classlabels_int64s", "classlabels_ints")


def class_lists(model: onnx.ModelProto, nodes: Iterable[onnx.NodeProto] | None = None) -> list[list[Any]]:
    """Lists the lists of labels that nodes of a graph have, the last node first."""
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    chosen = [*(all_nodes(model.graph) if nodes is None else nodes)]
    return [found for node in reversed(chosen) for found in _class_lists(node, constants) if found]


def _class_lists(node: onnx.NodeProto, constants: dict[str, onnx.TensorProto]) -> Iterator[list[Any]]:
    for attribute in node.attribute:
        if attribute.name in _ATTRIBUTES:
            yield [text.decode() for text in attribute.strings] or [*attribute.ints]
    # The converters of scikit-learn select the label from a constant.
    if node.op_type in ("ArrayFeatureExtractor", "Gather") and node.input[0] in constants:
        labels = numpy_helper.to_array(constants[node.input[0]]).reshape(-1)
        yield [value.decode() if isinstance(value, bytes) else value for value in labels.tolist()]


def refuse_one_label(model: onnx.ModelProto) -> None:
    """Raises TrainingError for a classifier of one label, at which ONNX Runtime ends the process."""
    for node in all_nodes(model.graph):
        for attribute in node.attribute:
            labels = [*attribute.strings] or [*attribute.ints]
            if attribute.name in _ATTRIBUTES and len(labels) == 1:
                raise TrainingError(
                    f"The model's {node.op_type} knows one label alone, which it predicts for every row: fit "
                    "it on rows of all labels."
                )


def fitting_labels(
    lists: Sequence[Sequence[Any]],
    probabilities: NDArray[Any],
    *,
    predictions: NDArray[Any] | None,
    given: Sequence[str],
    answers: Sequence[str] | None,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns the labels in the order of the probabilities, and sentences on what was assumed.

    Args:
        lists: Lists of labels in the graph.
        probabilities: Probabilities of the sample rows, shape (rows, labels).
        predictions: Labels that the graph predicts for the sample rows; None without such an output.
        given: Labels that the user named; empty for none.
        answers: Right answers of the sample rows; None when they are not given.

    Raises:
        TrainingError: When their number is not that of the probabilities, or they are not found.
    """
    count = probabilities.shape[1]
    if given:
        if len(given) != count:
            raise TrainingError(
                f"The given labels are {len(given)} ({', '.join(given)}), and the model has {count} "
                "probabilities a row: name one label for each, in their order."
            )
        return tuple(given), ()
    texts = [tuple(label_text(label) for label in found) for found in lists if len(found) == count]
    best = probabilities.argmax(axis=1)
    if predictions is not None:
        shown = [label_text(label) for label in predictions]
        agreeing = [
            np.mean([names[at] == label for at, label in zip(best, shown, strict=True)]) for names in texts
        ]
        # A label may follow another threshold than one half, but not in most rows.
        if texts and max(agreeing) > _LEAST_AGREEMENT:
            return texts[int(np.argmax(agreeing))], ()
        return _observed(best, shown, count), ()
    found = sorted({*answers}) if answers else []
    if len(found) == count:
        return tuple(found), (
            (
                f"The file does not name its labels, so they are those of the target in alphabetical order: "
                f"{', '.join(found)}. If the training had another order, name it with --labels."
            ),
        )
    return tuple(str(number) for number in range(count)), (
        (
            f"The file does not name its labels, so they are 0 to {count - 1}: name them with --labels, in "
            "the order of the probabilities."
        ),
    )


def _observed(best: NDArray[Any], shown: Sequence[str], count: int) -> tuple[str, ...]:
    """Returns the label that the graph predicts where each probability is the largest."""
    names: dict[int, str] = {}
    for at, label in zip(best.tolist(), shown, strict=True):
        names.setdefault(at, label)
    if len(names) < count or len({*names.values()}) < count:
        raise TrainingError(
            f"The names of the model's {count} labels are not in its graph, and its predictions for the "
            f"sample have only {', '.join(sorted({*shown})[:5])}: name them with --labels, in the order of "
            "the probabilities."
        )
    return tuple(names[at] for at in range(count))


def label_text(label: Any) -> str:
    """Returns a label as an answer has it: 1 for 1.0, and true for True."""
    plain = label.item() if isinstance(label, np.generic) else label
    if isinstance(plain, bool):
        return str(plain).lower()
    return f"{plain:g}" if isinstance(plain, float) else str(plain)
