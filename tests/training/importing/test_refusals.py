import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.training.conftest import Command
from tests.training.importing.foreign import SCORES, network, rows_file, saved
from tests.training.importing.imports import MODELS

FLOAT = TensorProto.FLOAT


def sequence_input() -> onnx.ModelProto:
    model = network()
    tensor = helper.make_tensor_type_proto(FLOAT, [None, 4])
    model.graph.input[0].type.CopyFrom(helper.make_sequence_type_proto(tensor))
    return model


def fixed_reshape() -> onnx.ModelProto:
    nodes = [SCORES, helper.make_node("Reshape", ["scores", "one"], ["r"])]
    nodes.append(helper.make_node("Softmax", ["r"], ["p"], axis=1))
    return network(
        nodes,
        inputs=[("x", FLOAT, (1, 4))],
        outputs=[("p", FLOAT, (1, 3))],
        constants=[numpy_helper.from_array(np.array([1, 3]), "one")],
    )


def across_rows() -> onnx.ModelProto:
    nodes = [SCORES, helper.make_node("Softmax", ["scores"], ["q"], axis=0)]
    return network([*nodes, helper.make_node("Softmax", ["q"], ["p"], axis=1)])


def two_outputs() -> onnx.ModelProto:
    nodes = [SCORES, helper.make_node("Neg", ["scores"], ["other"])]
    return network(nodes, outputs=[("scores", FLOAT, (None, 3)), ("other", FLOAT, (None, 3))])


def scores_and_probabilities() -> onnx.ModelProto:
    nodes = [SCORES, helper.make_node("Softmax", ["scores"], ["shares"], axis=1)]
    return network(nodes, outputs=[("scores", FLOAT, (None, 3)), ("shares", FLOAT, (None, 3))])


def only_labels() -> onnx.ModelProto:
    nodes = [SCORES, helper.make_node("ArgMax", ["scores"], ["label"], axis=1, keepdims=0)]
    return network(nodes, outputs=[("label", TensorProto.INT64, (None,))])


def custom_operator() -> onnx.ModelProto:
    nodes = [SCORES, helper.make_node("Gelu", ["scores"], ["p"], domain="com.microsoft")]
    return network(nodes, opsets=[("", 17), ("com.microsoft", 1)])


def anomaly_detector() -> onnx.ModelProto:
    nodes = [SCORES, helper.make_node("ArgMax", ["scores"], ["label"], axis=1, keepdims=0)]
    return network(nodes, outputs=[("label", TensorProto.INT64, (None,)), ("scores", FLOAT, (None, 3))])


def dynamically_quantized() -> onnx.ModelProto:
    quantized = helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero"])
    plain = helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["y"])
    scores = helper.make_node("MatMul", ["y", "weights"], ["scores"])
    return network([quantized, plain, scores, helper.make_node("Softmax", ["scores"], ["p"], axis=1)])


REFUSED: dict[str, tuple[Callable[[], onnx.ModelProto | bytes], str]] = {
    "too new opset": (lambda: network(opsets=[("", 99)]), "export it with an older opset"),
    "too new IR": (lambda: network(ir_version=99), "set ir_version of the onnx.ModelProto"),
    "custom operator": (custom_operator, "the operator Gelu of the domain 'com.microsoft'"),
    "image": (
        lambda: network(inputs=[("x", FLOAT, (None, 3, 8, 8))]),
        "has the shape (?, 3, 8, 8): images and sequences are no row of a table",
    ),
    "sequence": (sequence_input, "'x' is a sequence_type"),
    "fixed batch": (fixed_reshape, "was exported for 1 row at a time"),
    "across rows": (across_rows, "it computes across rows"),
    "dynamic quantization": (dynamically_quantized, "import the model before its quantization"),
    "anomaly detector": (anomaly_detector, "export the score of an anomaly detector"),
    "two outputs": (two_outputs, "outputs scores, other, and which of them is the answer is not known"),
    "which output to keep": (two_outputs, "extract_model('model.onnx', 'one.onnx', ['x'], ['scores'])"),
    "which one has probabilities": (scores_and_probabilities, "'one.onnx', ['x'], ['shares'])"),
    "labels only": (only_labels, "only output 'label' is a label without probabilities"),
    "logits": (
        lambda: network([SCORES], outputs=[("scores", FLOAT, (None, 3))]),
        "these are scores (logits) and no probabilities",
    ),
    "several labels at once": (
        lambda: network([SCORES, helper.make_node("Sigmoid", ["scores"], ["p"])]),
        "do not add up to 1: a row may have several labels at once",
    ),
    "too many columns": (lambda: network(inputs=[("x", FLOAT, (None, 5000))]), "takes 5,000 columns"),
    "truncated": (lambda: network().SerializeToString()[:-20], "is truncated or not an ONNX file"),
    "not ONNX": (lambda: b"hello, this is a text", "is truncated or not an ONNX file"),
    "empty": (lambda: b"", "is empty"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_graph_that_cannot_be_served_is_refused_in_one_sentence(
    name: str, tmp_path: Path, command: Command
) -> None:
    make, expected = REFUSED[name]
    path = saved(tmp_path, make())

    result = command("import", str(path), "--rows", str(rows_file(tmp_path)), "--out", str(tmp_path / "out"))

    assert result.returncode == 1
    assert expected in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out" / "model.tar.gz").exists()


CUT = ("lightgbm-3.3-binary.txt", "xgboost-3.0-multiclass.json", "xgboost-3.0-binary.ubj", "joblib.joblib")


@pytest.mark.parametrize("name", CUT)
def test_a_truncated_file_of_a_library_is_refused(name: str, tmp_path: Path, command: Command) -> None:
    path = saved(tmp_path, (MODELS / name).read_bytes()[:900], name)

    result = command("import", str(path), "--rows", str(rows_file(tmp_path)), "--trust")

    assert result.returncode == 1
    assert str(path) in result.stderr
    assert "copy" in result.stderr or "truncated" in result.stderr


OTHER_FILES = (
    ("joblib.joblib", (), "is a pickle, and loading one runs whatever code its author put into it"),
    ("skops-0.16-forest.skops", (), "has the types sklearn.tree._tree.Tree"),
    ("skl2onnx-1.14-linear-svc.onnx", (), "put a classifier without predict_proba into Calibrated"),
    ("mlflow-old-sklearn", (), "is a pickle"),
)


@pytest.mark.parametrize(("name", "arguments", "expected"), OTHER_FILES)
def test_a_model_of_a_library_that_cannot_be_loaded_or_converted_is_refused(
    name: str, arguments: tuple[str, ...], expected: str, command: Command
) -> None:
    rows = "flowers.csv" if "svc" in name else "visits.csv"
    target = "species" if "svc" in name else "bought"

    result = command(
        "import", str(MODELS / name), "--rows", str(MODELS / rows), "--target", target, *arguments
    )

    assert result.returncode == 1
    assert expected in result.stderr


def test_weights_beside_the_file_are_taken_and_missing_ones_refused(tmp_path: Path, command: Command) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(network(), path, save_as_external_data=True, size_threshold=0, location="weights.bin")
    arguments = ("import", str(path), "--rows", str(rows_file(tmp_path)), "--out", str(tmp_path))

    found = command(*arguments)
    (tmp_path / "weights.bin").unlink()
    missing = command(*arguments)

    assert found.returncode == 0, found.stderr
    assert "keeps weights in the file 'weights.bin', which is not beside it" in missing.stderr


FOLDERS = (
    ("flavors:\n  pytorch: {}\n", "has the flavors pytorch"),
    ("flavors:\n  python_function: {}\n", "import the model that this code calls"),
    ("flavors:\n  onnx: {data: ../model.onnx}\n", "has no file '../model.onnx'"),
    ("[[[", "is no description of a model"),
)


@pytest.mark.parametrize(("content", "expected"), FOLDERS)
def test_an_mlflow_folder_of_another_kind_is_refused(
    content: str, expected: str, tmp_path: Path, command: Command
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    saved(tmp_path, network())
    (folder / "MLmodel").write_text(content)

    result = command("import", str(folder), "--rows", str(rows_file(tmp_path)))

    assert result.returncode == 1
    assert expected in result.stderr


SAMPLES: tuple[tuple[str, list[list[object]] | None, str, str], ...] = (
    ("a,b,c", None, "", "takes 4 columns without names, and the sample has 3"),
    (
        "a,b,c,d",
        [[1, 2, 3, "ant"]],
        "",
        "has 'ant' in row 0 (the first row is 0), and the model takes a finite",
    ),
    ("a,b,c,d", [], "", "has no rows below its header"),
    ("a,b,c,kind", None, "kimd", "did you mean 'kind'?"),
)


@pytest.mark.parametrize(("header", "rows", "target", "expected"), SAMPLES)
def test_a_sample_that_does_not_fit_the_model_is_refused(
    header: str, rows: list[list[object]] | None, target: str, expected: str, tmp_path: Path, command: Command
) -> None:
    table = rows if rows is not None else np.ones((5, header.count(",") + 1)).tolist()
    path = rows_file(tmp_path, header, table)

    result = command(
        "import",
        str(saved(tmp_path, network())),
        "--rows",
        str(path),
        *(["--target", target] if target else []),
    )

    assert result.returncode == 1
    assert expected in result.stderr


OTHERS = (
    (b"CBM1rest", "is a model of CatBoost: save it with save_model('model.onnx', format='onnx')"),
    (b"\x89HDF\r\n", "is a model of Keras"),
    (b"\x1c\xed\t3.46.0.6", "is a model of H2O: save its MOJO with model.download_mojo"),
    (b"<?xml version='1.0'?>", "is an XML file, such as PMML"),
    (b"\x1c\x00\x00\x00TFL3rest", "is a model of TensorFlow Lite: convert it with tf2onnx"),
    (b"\x30\x00\x00\x00ORTMrest", "give the ONNX file that it was made of"),
    (b"version https://git-lfs.github.com/spec/v1\n", "is a pointer of Git LFS: fetch the model"),
    (b"<!DOCTYPE html><html>", "is a web page, as a download without permission gives"),
    (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", "is a file of PyTorch"),
    (b'[{"nodeid": 0, "leaf": 0.5}]', "is a dump of XGBoost for reading, which has no model"),
    (b'{"name": "tree", "tree_info": []}', "is a dump of LightGBM for reading, which has no model"),
    (b'{"model_info": {}, "oblivious_trees": []}', "is a model of CatBoost as JSON"),
    (b'{"hello": 1}', "cannot be read as a model of XGBoost"),
    (b"[1, 2]", "cannot be read as a model of XGBoost"),
)


@pytest.mark.parametrize(("content", "expected"), OTHERS)
def test_a_file_of_another_library_says_how_its_model_can_be_imported(
    content: bytes, expected: str, tmp_path: Path, command: Command
) -> None:
    path = saved(tmp_path, content, "model.bin")

    result = command("import", str(path), "--rows", str(rows_file(tmp_path)))

    assert result.returncode == 1
    assert expected in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("name", ["model.json", "model.txtpb"])
def test_the_name_of_an_onnx_file_does_not_change_how_it_is_read(
    name: str, tmp_path: Path, command: Command
) -> None:
    path = saved(tmp_path, network(), name)

    result = command("import", str(path), "--rows", str(rows_file(tmp_path)), "--out", str(tmp_path))

    assert result.returncode == 0, result.stderr


def test_an_archive_is_to_be_unpacked(tmp_path: Path, command: Command) -> None:
    path = tmp_path / "model.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(saved(tmp_path, network()), "model.onnx")

    result = command("import", str(path), "--rows", str(rows_file(tmp_path)), "--trust")

    assert result.returncode == 1
    assert "is an archive: unpack it" in result.stderr


def test_a_file_in_the_place_of_a_models_name_leads_to_the_import(tmp_path: Path, command: Command) -> None:
    result = command(str(saved(tmp_path, network())))

    assert result.returncode == 2
    assert "python -m training import" in result.stderr


@pytest.mark.parametrize("arguments", [("model.onnx",), ("no.onnx", "--rows", "no.csv")])
def test_a_missing_file_is_named(arguments: tuple[str, ...], tmp_path: Path, command: Command) -> None:
    saved(tmp_path, network())

    result = command("import", *(str(tmp_path / part) if "." in part else part for part in arguments))

    assert result.returncode == 1
    assert str(tmp_path) in result.stderr


def test_a_name_that_no_bundle_may_have_is_a_wrong_argument(command: Command) -> None:
    result = command("import", "model.onnx", "--name", "Über")

    assert result.returncode == 2
    assert "--name" in result.stderr
