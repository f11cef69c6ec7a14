from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from onnx import TensorProto, helper, numpy_helper

from bundle import read_archive
from tests.training.conftest import Command
from tests.training.importing.foreign import NODES, SCORES, network, rows_file, saved
from training.errors import TrainingError
from training.importing.graphs.foreign_graph import foreign_graph

FLOAT, DOUBLE, WHOLE, TRUTH, WORD = (
    TensorProto.FLOAT,
    TensorProto.DOUBLE,
    TensorProto.INT64,
    TensorProto.BOOL,
    TensorProto.STRING,
)


def colliding_names() -> onnx.ModelProto:
    nodes = [helper.make_node("MatMul", ["numbers", "weights"], ["strings"])]
    nodes.append(helper.make_node("Softmax", ["strings"], ["probabilities"], axis=1))
    return network(
        nodes, inputs=[("numbers", FLOAT, (None, 4))], outputs=[("probabilities", FLOAT, (None, 3))]
    )


def captured_by_a_branch() -> onnx.ModelProto:
    branches = {
        name: helper.make_graph(
            [helper.make_node(kind, ["scores"], [name])],
            name,
            [],
            [helper.make_tensor_value_info(name, FLOAT, [None, 3])],
        )
        for name, kind in (("then_branch", "Identity"), ("else_branch", "Neg"))
    }
    nodes = [SCORES, helper.make_node("If", ["yes"], ["r"], **branches)]
    nodes.append(helper.make_node("Softmax", ["r"], ["p"], axis=1))
    return network(nodes, constants=[numpy_helper.from_array(np.array(True), "yes")])


def constants_as_inputs() -> onnx.ModelProto:
    model = network(ir_version=3, opsets=[("", 9)])
    model.graph.input.append(helper.make_tensor_value_info("weights", FLOAT, (4, 3)))
    return model


def own_function() -> onnx.ModelProto:
    model = network(
        [SCORES, helper.make_node("Soft", ["scores"], ["p"], domain="own")], opsets=[("", 17), ("own", 1)]
    )
    inner = helper.make_node("Softmax", ["x"], ["y"], axis=1)
    model.functions.append(
        helper.make_function("own", "Soft", ["x"], ["y"], [inner], [helper.make_opsetid("", 17)])
    )
    return model


GRAPHS = (colliding_names, captured_by_a_branch, constants_as_inputs, own_function)


@pytest.mark.parametrize("make", GRAPHS, ids=lambda make: make.__name__)
def test_a_graph_of_any_form_gives_the_same_probabilities(
    make: Callable[[], onnx.ModelProto], tmp_path: Path, command: Command
) -> None:
    path, rows = saved(tmp_path, make()), rows_file(tmp_path)
    table = pd.read_csv(rows).to_numpy(dtype=np.float32)
    original = onnxruntime.InferenceSession(path.read_bytes())

    result = command("import", str(path), "--rows", str(rows), "--out", str(tmp_path / "out"))

    assert result.returncode == 0, result.stderr
    graph = read_archive(tmp_path / "out" / "model.tar.gz").model
    [found] = onnxruntime.InferenceSession(graph).run(["probabilities"], {"numbers": table})
    [expected] = original.run(None, {original.get_inputs()[0].name: table})
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_inputs_of_all_types_become_fields_of_their_kinds(tmp_path: Path, command: Command) -> None:
    nodes = [
        helper.make_node("Reshape", ["size", "column"], ["a"]),
        helper.make_node("Cast", ["count"], ["b"], to=FLOAT),
        helper.make_node("Cast", ["member"], ["c"], to=FLOAT),
        helper.make_node(
            "LabelEncoder", ["kind"], ["d"], domain="ai.onnx.ml", keys_strings=["x"], values_floats=[2.0]
        ),
        helper.make_node("Cast", ["price"], ["e"], to=FLOAT),
        helper.make_node("Concat", [*"abcde"], ["all"], axis=1),
        helper.make_node("ReduceSum", ["all", "one"], ["value"], keepdims=0),
    ]
    model = network(
        nodes,
        inputs=[
            ("size", FLOAT, (None,)),
            ("count", WHOLE, (None, 1)),
            ("member", TRUTH, (None, 1)),
            ("kind", WORD, (None, 1)),
            ("price", DOUBLE, (None, 1)),
        ],
        outputs=[("value", FLOAT, (None,))],
        constants=[
            numpy_helper.from_array(np.array([-1, 1]), "column"),
            numpy_helper.from_array(np.array([1]), "one"),
        ],
        opsets=[("", 17), ("ai.onnx.ml", 3)],
    )
    lines = [[0.5, 3, "true", "x", 1.25], [1.5, 4, "false", "y", 2.5]] * 5
    rows = rows_file(tmp_path, "size,count,member,kind,price", lines)

    result = command("import", str(saved(tmp_path, model)), "--rows", str(rows), "--out", str(tmp_path))

    assert result.returncode == 0, result.stderr
    manifest = read_archive(tmp_path / "model.tar.gz").manifest
    assert {field.name: field.type for field in manifest.fields} == {
        "size": "number",
        "count": "integer",
        "member": "boolean",
        "kind": "string",
        "price": "number",
    }
    assert manifest.golden[0].prediction == {"value": 0.5 + 3 + 1 + 2 + 1.25}


def test_a_bundle_has_no_notes_of_the_exporter_on_source_files(tmp_path: Path, command: Command) -> None:
    model = captured_by_a_branch()
    branch = model.graph.node[1].attribute[0].g.node[0]
    for noted in (model.graph.node[0], branch, model.graph.initializer[0]):
        noted.metadata_props.add(key="pkg.torch.onnx.stack_trace", value='File "secret/network.py", line 7')
        noted.doc_string = "secret/network.py:7"

    result = command(
        "import", str(saved(tmp_path, model)), "--rows", str(rows_file(tmp_path)), "--out", str(tmp_path)
    )

    assert result.returncode == 0, result.stderr
    assert b"secret" not in read_archive(tmp_path / "model.tar.gz").model


def test_a_prediction_that_float32_changes_is_named(tmp_path: Path, command: Command) -> None:
    nodes = [helper.make_node("Greater", ["x", "t"], ["g"]), helper.make_node("Cast", ["g"], ["v"], to=FLOAT)]
    model = network(
        nodes,
        inputs=[("x", DOUBLE, (None, 1))],
        outputs=[("v", FLOAT, (None, 1))],
        constants=[numpy_helper.from_array(np.array([0.1]), "t")],
    )
    rows = rows_file(tmp_path, "x", [[0.1], [0.2], [0.05]])

    result = command("import", str(saved(tmp_path, model)), "--rows", str(rows), "--out", str(tmp_path))

    assert "1 of 3 sample rows change by more than" in " ".join(result.stdout.split())
    assert "first row 0, from (0) to (1)" in " ".join(result.stdout.split())


def test_rows_may_have_semicolons_and_decimal_commas(tmp_path: Path, command: Command) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("a;b;c;d\n" + "1,5;2,25;0;3,125\n" * 3)

    result = command(
        "import", str(saved(tmp_path, network(NODES))), "--rows", str(rows), "--out", str(tmp_path)
    )

    assert result.returncode == 0, result.stderr
    golden = read_archive(tmp_path / "model.tar.gz").manifest.golden[0]
    assert golden.instance == {"a": 1.5, "b": 2.25, "c": 0, "d": 3.125}


def test_a_classifier_of_one_label_is_refused_before_onnx_runtime_ends_the_process() -> None:
    node = helper.make_node(
        "TreeEnsembleClassifier", ["x"], ["label", "p"], domain="ai.onnx.ml", classlabels_strings=["only"]
    )

    with pytest.raises(TrainingError, match="TreeEnsembleClassifier knows one label alone"):
        foreign_graph(network([node], opsets=[("", 17), ("ai.onnx.ml", 3)]))
