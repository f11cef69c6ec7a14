"""Names of the labels of an imported classifier, in the order of its probabilities."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from training.errors import TrainingError
from training.importing.graphs.graph_nodes import all_nodes

_LEAST_AGREEMENT = 0.5
# Whole numbers up to here are exact in double.
_EXACT = 2**53
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
        TrainingError: When their number is not that of the probabilities, they are not found, or the given
            ones are those of the graph in another order.
    """
    count = probabilities.shape[1]
    texts = [tuple(label_text(label) for label in found) for found in lists if len(found) == count]
    best = probabilities.argmax(axis=1)
    shown = None if predictions is None else [label_text(label) for label in predictions]
    own = _agreeing(texts, best, shown) if shown else ()
    if given:
        check_given(given, count, own)
        return tuple(given), ()
    if shown:
        return own or _observed(best, shown, count), ()
    found, order = _of_answers(answers or ())
    if len(found) == count:
        return tuple(found), (
            (
                f"The file does not name its labels, so they are those of the target in {order} order: "
                f"{', '.join(found)}. If the training had another order, name it with --labels."
            ),
        )
    return tuple(str(number) for number in range(count)), (
        (
            f"The file does not name its labels, so they are 0 to {count - 1}: name them with --labels, in "
            "the order of the probabilities."
        ),
    )


def check_given(given: Sequence[str], count: int, own: Sequence[str] = ()) -> None:
    """Checks labels that the user or the file names.

    Args:
        given: The labels.
        count: Number of probabilities of a row.
        own: Labels of the graph in the order of its probabilities; empty when they are not known.

    Raises:
        TrainingError: When their number is another one, one is empty or there twice, or they are those of
            the graph in another order.
    """
    if len(given) != count:
        raise TrainingError(
            f"The given labels are {len(given)} ({', '.join(given)}), and the model has {count} "
            "probabilities a row: name one label for each, in their order."
        )
    if "" in given or len({*given}) < count:
        raise TrainingError(
            f"The given labels ({', '.join(given)}) have one that is empty or there twice: name another "
            "label for each probability, in their order."
        )
    if own and [*own] != [*given] and {*own} == {*given}:
        raise TrainingError(
            f"The given labels ({', '.join(given)}) are those of the model in another order: its "
            f"probabilities have the order {', '.join(own)}; leave out --labels."
        )


def _agreeing(texts: Sequence[tuple[str, ...]], best: NDArray[Any], shown: Sequence[str]) -> tuple[str, ...]:
    """Returns the list of labels with which most predicted labels are the most probable ones."""
    if not texts:
        return ()
    agreeing = [
        np.mean([names[at] == label for at, label in zip(best, shown, strict=True)]) for names in texts
    ]
    # A label may follow another threshold than one half, but not in most rows. The labels of a support vector
    # machine of many labels differ more often, and its graph has one list.
    is_only = len({*texts}) == 1 and {*shown} <= {*texts[0]}
    least = 1 / len(texts[0]) if is_only and len(texts[0]) > 2 else _LEAST_AGREEMENT
    return texts[int(np.argmax(agreeing))] if max(agreeing) > least else ()


def _of_answers(answers: Sequence[str]) -> tuple[list[str], str]:
    """Returns the labels among right answers, and the name of their order: 10 is behind 9."""
    plain = {re.sub(r"^(-?[0-9]+)[.]0+$", r"\1", answer) for answer in answers}
    try:
        return sorted(plain, key=float), "ascending"
    except ValueError:
        return sorted({*answers}), "alphabetical"


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
    return number_text(plain) if isinstance(plain, float) else str(plain)


def number_text(value: float) -> str:
    """Returns a number as a label has it: 1 for 1.0, and all digits of a whole one."""
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT else f"{value:g}"
