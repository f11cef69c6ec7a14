"""Tiny bundles of the three tasks, whose fields have every type between them."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from bundle import Columns, Field, Golden, Manifest, Task, output_name, write_archive
from tests.tiny_bundle import tiny_manifest

LABELS = ("low", "middle", "high")
SIZE = Field(
    name="size", type="number", minimum=0, maximum=100, description="How large.", unit="cm", example=1
)
FIELDS = {
    "binary": (
        SIZE,
        Field(name="is_new", type="boolean", description="Whether it is new.", example=True),
        Field(name="colour", type="string", values=("red", "blue"), description="Which.", example="red"),
        Field(name="remark", type="text", required=False, description="In words.", example="as good as new"),
    ),
    "multiclass": (SIZE,),
    "regression": (
        SIZE,
        Field(name="it's odd", type="integer", required=False, description="Odd.", example=3),
    ),
}
# Numbers that the graph returns for size 1.
WEIGHTS = {"multiclass": (0.0, 1.0, 2.0), "binary": (0.0, 1.0), "regression": (12.5,)}


def write_bundle(path: Path, *, name: str, task: Task) -> None:
    """Writes a bundle whose graph multiplies the first number of a row by the weights of its task."""
    manifest = _manifest(name, task)
    write_archive(path, manifest=manifest, model=_graph(task).SerializeToString(deterministic=True))


def _manifest(name: str, task: Task) -> Manifest:
    labels = {"binary": LABELS[:2], "multiclass": LABELS, "regression": ()}[task]
    row = {field.name: field.example for field in FIELDS[task] if field.required}
    exponentials = np.exp(WEIGHTS[task])
    shares = [float(share) for share in exponentials / exponentials.sum()]
    prediction = (
        {"value": WEIGHTS[task][0]}
        if task == "regression"
        else {"label": labels[-1], "probability": round(shares[-1], 7)}
    )
    return tiny_manifest(
        name=name,
        task=task,
        fields=FIELDS[task],
        labels=labels,
        positive_label=labels[-1] if task == "binary" else None,
        threshold=0.5 if task == "binary" else None,
        golden=(Golden(instance=row, prediction=prediction),),
    )


def _graph(task: Task) -> onnx.ModelProto:
    columns, output, found = Columns(FIELDS[task]), output_name(task), WEIGHTS[task]
    weights = np.zeros((len(columns.numbers), len(found)), dtype=np.float32)
    weights[0] = found
    inputs = [helper.make_tensor_value_info("numbers", TensorProto.FLOAT, [None, len(columns.numbers)])]
    if columns.strings:
        kind = TensorProto.STRING
        inputs.append(helper.make_tensor_value_info("strings", kind, [None, len(columns.strings)]))
    last = helper.make_node("Identity", ["scores"], [output])
    if task != "regression":
        last = helper.make_node("Softmax", ["scores"], [output], axis=1)
    return helper.make_model(
        helper.make_graph(
            [
                helper.make_node("IsNaN", ["numbers"], ["absent"]),
                helper.make_node("Where", ["absent", "zero", "numbers"], ["filled"]),
                helper.make_node("MatMul", ["filled", "weights"], ["scores"]),
                last,
            ],
            "tiny",
            inputs,
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, [None, len(found)])],
            initializer=[
                numpy_helper.from_array(np.array(0, dtype=np.float32), "zero"),
                numpy_helper.from_array(weights, "weights"),
            ],
        ),
        opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)],
        ir_version=9,
    )
