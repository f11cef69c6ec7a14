"""Meaning of one number a row: a probability wherever the graph or its user says so, else a value."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.training.importing.foreign import SCORES, network
from training.errors import TrainingError
from training.importing.graphs.output_meaning import OutputMeaning, output_meaning

FLOAT = TensorProto.FLOAT
SECOND = numpy_helper.from_array(np.array(1), "second")
PLACES = [numpy_helper.from_array(np.array([place]), name) for name, place in (("at", 1), ("to", 2))]
LIMITS = [
    numpy_helper.from_array(np.array(limit, dtype=np.float32), name)
    for name, limit in (("low", 0.01), ("high", 0.99))
]
ROWS = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
ANSWERS = ["no", "yes"] * 15


def one_number(
    *nodes: onnx.NodeProto, output: tuple[int | None, ...] = (None, 1), constants: Any = ()
) -> onnx.ModelProto:
    """A graph of the second score, which the nodes make a number `p` of."""
    second = helper.make_node("Slice", ["scores", "at", "to", "at"], ["second"])
    return network([SCORES, second, *nodes], outputs=[("p", FLOAT, output)], constants=[*constants, *PLACES])


SELECTED = {
    "a share of a softmax": one_number(
        helper.make_node("Softmax", ["scores"], ["s"], axis=1),
        helper.make_node("Gather", ["s", "column"], ["p"], axis=1),
        output=(None,),
        constants=[numpy_helper.from_array(np.array(1), "column")],
    ),
    "a sigmoid between limits": one_number(
        helper.make_node("Sigmoid", ["second"], ["s"]),
        helper.make_node("Clip", ["s", "low", "high"], ["p"]),
        constants=LIMITS,
    ),
    "a hard sigmoid": one_number(helper.make_node("HardSigmoid", ["second"], ["p"])),
    "a column of a sigmoid": one_number(
        helper.make_node("Sigmoid", ["scores"], ["s"]),
        helper.make_node("Slice", ["s", "at", "to", "at"], ["p"]),
    ),
}


def meaning_of(
    model: onnx.ModelProto, *, labels: Sequence[str] = (), answers: Sequence[str] | None = None
) -> tuple[OutputMeaning, np.ndarray[Any, Any]]:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    names = [output.name for output in session.get_outputs()]
    outputs = dict(zip(names, session.run(None, {"x": ROWS}), strict=True))
    found = output_meaning(model, outputs, labels=labels, answers=answers)
    return found, found.read(outputs)


@pytest.mark.parametrize("name", SELECTED)
def test_one_number_that_is_selected_from_shares_is_a_probability(name: str) -> None:
    meaning, probabilities = meaning_of(SELECTED[name], answers=ANSWERS)

    assert (meaning.form, meaning.labels) == ("positive", ("no", "yes"))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_two_named_labels_make_one_number_a_probability_whatever_computes_it() -> None:
    exponential = one_number(
        helper.make_node("Neg", ["second"], ["n"]),
        helper.make_node("Exp", ["n"], ["e"]),
        helper.make_node("Add", ["e", "unit"], ["d"]),
        helper.make_node("Reciprocal", ["d"], ["p"]),
        constants=[numpy_helper.from_array(np.array(1, dtype=np.float32), "unit")],
    )

    meaning, _ = meaning_of(exponential, labels=("no", "yes"), answers=ANSWERS)

    assert (meaning.form, meaning.labels) == ("positive", ("no", "yes"))


def test_labels_of_a_number_that_is_no_probability_are_refused() -> None:
    with pytest.raises(TrainingError, match="these are scores"):
        meaning_of(one_number(helper.make_node("Identity", ["second"], ["p"])), labels=("no", "yes"))


@pytest.mark.parametrize(
    ("nodes", "way_out"),
    [
        (
            [helper.make_node("Identity", ["second"], ["p"])],
            "if it is a score (logit), export the model with",
        ),
        (
            [helper.make_node("Tanh", ["second"], ["t"]), helper.make_node("Mul", ["t", "t"], ["p"])],
            "name both with --labels",
        ),
    ],
)
def test_a_value_for_a_target_of_two_numbers_has_a_note(nodes: list[onnx.NodeProto], way_out: str) -> None:
    meaning, _ = meaning_of(one_number(*nodes), answers=["0", "1"] * 15)

    assert meaning.form == "value"
    [note] = meaning.notes
    assert "The target has two values (0, 1)" in note
    assert way_out in note


def test_positions_of_labels_are_no_names_of_labels() -> None:
    nodes = [SCORES, helper.make_node("Softmax", ["scores"], ["probability"], axis=1)]
    nodes.append(helper.make_node("ArgMax", ["probability"], ["label"], axis=1, keepdims=0))
    model = network(nodes, outputs=[("probability", FLOAT, (None, 3)), ("label", TensorProto.INT64, (None,))])

    meaning, _ = meaning_of(model, answers=["ant", "bee", "cat"] * 10)

    assert meaning.labels == ("ant", "bee", "cat")


def test_probabilities_that_a_quantized_softmax_rounds_are_refused_as_such() -> None:
    nodes = [
        SCORES,
        helper.make_node("Softmax", ["scores"], ["s"], axis=1),
        helper.make_node("QuantizeLinear", ["s", "step"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "step"], ["p"]),
    ]
    model = network(nodes, constants=[numpy_helper.from_array(np.array(1 / 128, dtype=np.float32), "step")])

    with pytest.raises(TrainingError, match="and not to 1: they are rounded, as by a quantized Softmax"):
        meaning_of(model, answers=["0", "1", "2"] * 10)
