"""Runs of a composed graph that fail."""

from pathlib import Path

import pytest
from onnx import TensorProto, helper

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
