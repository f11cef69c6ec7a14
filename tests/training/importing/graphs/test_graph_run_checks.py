"""Runs of a composed graph that fail."""

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.training.conftest import Command
from tests.training.importing.foreign import SCORES, network, rows_file, saved
from training.errors import TrainingError
from training.importing.graphs.foreign_graph import open_session


def test_a_graph_that_fails_on_one_row_alone_is_refused_in_a_sentence(
    tmp_path: Path, command: Command
) -> None:
    nodes = [
        helper.make_node("Squeeze", ["x"], ["s"]),
        helper.make_node("Transpose", ["s"], ["t"], perm=[1, 0]),
        helper.make_node("Transpose", ["t"], ["r"], perm=[1, 0]),
        helper.make_node("MatMul", ["r", "weights"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["p"], axis=1),
    ]
    model = network(nodes, outputs=[("p", TensorProto.FLOAT, (None, 3))])

    result = command("import", str(saved(tmp_path, model)), "--rows", str(rows_file(tmp_path)))

    assert result.returncode == 1
    assert "fails on one row alone" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_value_with_the_name_of_an_input_is_renamed_by_the_export() -> None:
    # Given what the exporter of PyTorch 2 makes of an input that is named as one of its steps.
    nodes = [helper.make_node("Identity", ["x"], ["x"]), SCORES]
    model = network(nodes, outputs=[("scores", TensorProto.FLOAT, (None, 3))])

    with pytest.raises(TrainingError, match="export it with other names of the inputs"):
        open_session(model.SerializeToString())


def test_a_graph_that_draws_random_numbers_is_refused_as_such(tmp_path: Path, command: Command) -> None:
    nodes = [
        SCORES,
        helper.make_node("RandomUniformLike", ["scores"], ["noise"]),
        helper.make_node("Add", ["scores", "noise"], ["noisy"]),
        helper.make_node("Softmax", ["noisy"], ["p"], axis=1),
    ]

    result = command("import", str(saved(tmp_path, network(nodes))), "--rows", str(rows_file(tmp_path)))

    assert result.returncode == 1
    assert "its step RandomUniformLike draws random numbers: export it for inference" in result.stderr


def test_an_infinite_prediction_is_refused_by_its_row(tmp_path: Path, command: Command) -> None:
    nodes = [
        helper.make_node("Reciprocal", ["x"], ["shares"]),
        helper.make_node("ReduceSum", ["shares", "columns"], ["value"], keepdims=0),
    ]
    model = network(
        nodes,
        outputs=[("value", TensorProto.FLOAT, (None,))],
        constants=[numpy_helper.from_array(np.array([1]), "columns")],
    )
    rows = rows_file(tmp_path, rows=[[1, 2, 3, 4], [1, 0, 3, 4]])

    result = command("import", str(saved(tmp_path, model)), "--rows", str(rows))

    assert result.returncode == 1
    assert "The model's prediction is infinite for row 1 of the sample" in result.stderr
    assert "Traceback" not in result.stderr
