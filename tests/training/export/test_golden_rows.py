"""Golden predictions and counted decisions, compared with the predictions of the server."""

from dataclasses import replace

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from bundle import Bundle, Field, Golden, Manifest, displayed
from serving.predict.options import Options
from serving.predict.predictor import Predictor
from tests.tiny_bundle import tiny_manifest
from tests.training.toys import TOY
from training.evaluation.threshold_costs import ThresholdCosts
from training.export.golden_rows import prediction
from training.models.line import MODEL as REGRESSION

PROBABILITY = Field(name="p", type="number", minimum=0, maximum=1, example=0.5)


def predictor_of_its_input() -> Predictor:
    """Returns a binary model whose probability is the number in the row."""
    nodes = [
        helper.make_node("Sub", ["one", "numbers"], ["rest"]),
        helper.make_node("Concat", ["rest", "numbers"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "identity",
        [helper.make_tensor_value_info("numbers", TensorProto.FLOAT, [None, 1])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2])],
        initializer=[numpy_helper.from_array(np.array([[1]], dtype=np.float32), "one")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    content = model.SerializeToString()
    manifest: Manifest = tiny_manifest(fields=(PROBABILITY,), labels=TOY.labels, positive_label=TOY.labels[1])
    return Predictor(Bundle(manifest=manifest.sealed(content), model=content, digest=""))


PREDICTOR = predictor_of_its_input()


def near(number: float, steps: int) -> float:
    """Returns the float32 about `steps` values above a number, within 0 and 1."""
    return min(max(float(np.float32(number) + steps * np.spacing(np.float32(number))), 0.0), 1.0)


@given(
    st.floats(0.01, 100),
    st.floats(0, 1, width=32) | st.none(),
    st.integers(-20, 20),
)
def test_training_and_the_server_choose_the_same_label(
    missed_cost: float, random: float | None, steps: int
) -> None:
    # Given a threshold that follows from a price, and a probability, random or near the threshold
    model = replace(TOY, missed_cost=missed_cost)
    threshold = model.threshold
    assert threshold is not None
    probability = near(threshold, steps) if random is None else random

    # When the server, the golden rows and the counted decisions name a label for the probability
    [found] = PREDICTOR.predict(PREDICTOR.columns([(probability,)]), Options(threshold=threshold))
    served = msgspec.to_builtins(found)
    golden = prediction(model, [1 - probability, probability])
    output = np.array([[1 - probability, probability]], dtype=np.float32)
    counted = ThresholdCosts.of(np.array([1]), output, threshold=threshold, missed_cost=missed_cost)

    # Then the labels are equal, and the server reproduces the golden row
    assert golden["label"] == served["label"] == model.labels[counted.true_positives]
    assert Golden(instance={}, prediction=golden).matches(served)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_the_server_reproduces_a_golden_value(value: float) -> None:
    golden = Golden(instance={}, prediction=prediction(REGRESSION, [value]))

    assert golden.matches({"value": displayed(value)})
