"""Checks that the outputs of an imported classifier are probabilities."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from training.errors import TrainingError
from training.importing.graphs.graph_nodes import producer

SUM_TOLERANCE = 1e-3
# Largest distance of a sum of rounded probabilities from 1; of independent labels it is larger.
_ROUNDED = 0.05
# Operators that leave the values of a tensor as they are, and those that select or limit them.
_UNCHANGING = frozenset({"Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Cast"})
_SELECTING = frozenset({"Gather", "GatherElements", "Slice", "Split", "ArrayFeatureExtractor", "Clip"})
_SHARES = frozenset({"Sigmoid", "HardSigmoid", "Softmax"})


def check_probabilities(name: str, found: NDArray[Any]) -> None:
    """Checks the output `name` for the sample rows, of shape (rows, labels), or (rows, 1) of one label.

    Raises:
        TrainingError: When a number is NaN or no share, or a row of several does not add up to 1.
    """
    if np.isnan(found).any():
        row = int(np.argmax(np.isnan(found).any(axis=1)))
        raise TrainingError(
            f"The model's output {name!r} is not a number (NaN) for row {row} of the sample (the first row "
            "is 0): the model does not take absent values; leave out such rows, or import a pipeline that "
            "replaces them."
        )
    outside = ((found < -SUM_TOLERANCE) | (found > 1 + SUM_TOLERANCE)).any(axis=1)
    if outside.any():
        row = int(np.argmax(outside))
        shown = ", ".join(f"{value:.4g}" for value in found[row][:4])
        raise TrainingError(
            f"The model's output {name!r} is {shown} for row {row} of the sample (the first row is 0): these "
            "are scores (logits) and no probabilities. Export the network with Softmax or Sigmoid as its "
            "last layer, put a classifier without predict_proba into CalibratedClassifierCV, import a "
            "regression of several values as one model for each, or export the score of an anomaly detector "
            "or the distance of a cluster as the only output, a number a row."
        )
    apart = np.abs(found.sum(axis=1) - 1) if found.shape[1] > 1 else np.zeros(len(found))
    if SUM_TOLERANCE < apart.max(initial=0) <= _ROUNDED:
        row = int(np.argmax(apart > SUM_TOLERANCE))
        total = found[row].sum()
        raise TrainingError(
            f"The probabilities in the model's output {name!r} add up to {total:.4g} for row {row} of "
            "the sample (the first row is 0), and not to 1: they are rounded, as by a quantized Softmax. "
            "Leave the Softmax out of the quantization (nodes_to_exclude of onnxruntime.quantization)."
        )
    if (apart > SUM_TOLERANCE).any():
        raise TrainingError(
            f"The probabilities in the model's output {name!r} do not add up to 1: a row may have several "
            "labels at once, and an answer has one. Import one model a label, or export it with Softmax."
        )


def ends_in_share(graph: onnx.GraphProto, name: str) -> bool:
    """Tells whether an output is a sigmoid or a share of a softmax, also one that is selected from it."""
    return _source(graph, name, _UNCHANGING | _SELECTING) in _SHARES


def is_position(graph: onnx.GraphProto, name: str) -> bool:
    """Tells whether an output is the position of the most probable label, and no name of a label."""
    return _source(graph, name, _UNCHANGING) == "ArgMax"


def _source(graph: onnx.GraphProto, name: str, passing: frozenset[str]) -> str:
    """Returns the operator that computes an output, before those that pass its values on; "" for none."""
    node = producer(graph, name)
    while node is not None and node.op_type in passing:
        node = producer(graph, node.input[0])
    return node.op_type if node is not None else ""


def value_note(name: str, found: NDArray[Any], answers: Sequence[str] | None) -> tuple[str, ...]:
    """Returns the sentence on a value for a target of two numbers, which is more often a classifier's."""
    kinds = sorted({*(answers or ())})
    if len(kinds) != 2 or len(found) <= 2:
        return ()
    is_share = bool(((found >= 0) & (found <= 1)).all())
    way_out = (
        "if it is the probability of one of them, name both with --labels, that one last"
        if is_share
        else "if it is a score (logit), export the model with a sigmoid as its last layer"
    )
    sentence = (
        f"The target has two values ({', '.join(kinds)}), and the model's output {name!r} is one number a "
        f"row, which the bundle answers as the value of a regression: {way_out}."
    )
    return (sentence,)


def refuse_score(name: str, answers: Sequence[str] | None) -> None:
    """Raises TrainingError when one number a row, no probability, is to answer a target of labels."""
    if answers and not any(_is_number(answer) for answer in answers):
        raise TrainingError(
            f"The model's output {name!r} is one number a row that is no probability, and the target has the "
            f"labels {', '.join(sorted({*answers})[:5])}: export the model with a sigmoid as its last layer, "
            "or name the two labels with --labels, if it is the probability of the last one."
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
