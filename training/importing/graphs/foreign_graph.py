"""Graph of an imported model: checks of its operators, opset and inputs, before its composition."""

import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import onnx
import onnx.inliner
import onnxruntime
from onnx import TensorProto

from bundle import EXECUTION_PROVIDERS, configure_session
from bundle.onnx_graph import STANDARD_DOMAINS
from training.checks.error_sentences import LONGEST_REASON
from training.errors import TrainingError
from training.importing.graphs.graph_nodes import all_nodes
from training.importing.graphs.label_names import refuse_one_label

InputKind = Literal["number", "integer", "boolean", "string"]

_KINDS: dict[int, InputKind] = {
    TensorProto.FLOAT: "number",
    TensorProto.DOUBLE: "number",
    TensorProto.FLOAT16: "number",
    TensorProto.INT64: "integer",
    TensorProto.INT32: "integer",
    TensorProto.INT16: "integer",
    TensorProto.INT8: "integer",
    TensorProto.UINT8: "integer",
    TensorProto.BOOL: "boolean",
    TensorProto.STRING: "string",
}
_OF_OPERATORS = {
    "knn_imputer_column_all_nan": "it is of scikit-learn's KNNImputer; use SimpleImputer, or trees that take "
    "absent values",
    "Tokenizer": "it splits texts into words for a text vectorizer of scikit-learn; save the pipeline itself "
    "with joblib or skops, and import that file",
}
_WAYS_OUT = {
    "ai.onnx.contrib": "it belongs to onnxruntime-extensions; compute that step before the request",
    "com.microsoft": "it comes from ONNX Runtime's optimizer or quantizer; export the model without them, or "
    "quantize it with quant_format=QuantFormat.QDQ",
    "com.microsoft.nchwc": "it comes from ONNX Runtime's optimizer; export the model without it",
    "org.pytorch.aten": "torch.onnx.export writes standard operators with operator_export_type ONNX",
}
_MOST_COLUMNS = 2_000
_PLACES = r"\[ONNXRuntimeError\] : [0-9]+ : \w+ : |\S*onnxruntime\S*:[0-9]+ [^()]*\([^()]*\) "
_LOG_NOTHING = 4


@dataclass(frozen=True, kw_only=True)
class ForeignInput:
    """One input of an imported graph.

    Attributes:
        name: Its name.
        kind: Kind of its values.
        element: ONNX data type of its values.
        rank: Number of dimensions: 1 is (rows,), 2 is (rows, columns).
        width: Number of columns; None when the graph does not say.
        batch: Number of rows that the graph was exported for; None for any number.
    """

    name: str
    kind: InputKind
    element: int
    rank: int = 2
    width: int | None = 1
    batch: int | None = None

    def shaped(self, table: Any) -> Any:
        """Returns a table of shape (rows, columns) in the type and shape of this input."""
        if self.kind != "string":
            table = table.astype(onnx.helper.tensor_dtype_to_np_dtype(self.element))
        return np.ascontiguousarray(table[:, 0] if self.rank == 1 else table)


@dataclass(frozen=True, kw_only=True)
class ForeignGraph:
    """An ONNX file that the server's operators can run.

    Attributes:
        model: The model with its functions expanded.
        untouched: The bytes of the file as it was, whose predictions count.
        inputs: Its inputs.
    """

    model: onnx.ModelProto
    untouched: bytes
    inputs: tuple[ForeignInput, ...]

    @property
    def batch(self) -> int | None:
        """The only number of rows that the graph takes; None for any number."""
        return next((one.batch for one in self.inputs if one.batch), None)


def foreign_graph(model: onnx.ModelProto) -> ForeignGraph:
    """Checks a model.

    Raises:
        TrainingError: When it has operators that the server lacks, or inputs that are not columns of a row.
    """
    untouched = model.SerializeToString()
    if model.functions:
        model = onnx.inliner.inline_local_functions(model)
    _check_operators(model)
    refuse_one_label(model)
    # Until IR version 3, initializers are inputs too.
    constants = {tensor.name for tensor in model.graph.initializer}
    found = tuple(_input(value) for value in model.graph.input if value.name not in constants)
    if not found:
        raise TrainingError("The model has no inputs: export it with the columns of a row as inputs.")
    if sum(one.width or 1 for one in found) > _MOST_COLUMNS:
        raise TrainingError(
            f"The model takes {sum(one.width or 1 for one in found):,} columns, and an API takes at most "
            f"{_MOST_COLUMNS:,}: import a model of fewer columns."
        )
    return ForeignGraph(model=model, untouched=untouched, inputs=found)


def open_session(graph: bytes) -> onnxruntime.InferenceSession:
    """Loads a graph as the server does.

    Raises:
        TrainingError: When the server's ONNX Runtime cannot load it.
    """
    try:
        options = configure_session(onnxruntime.SessionOptions())
        # Errors become sentences.
        options.log_severity_level = _LOG_NOTHING
        return onnxruntime.InferenceSession(graph, options, providers=EXECUTION_PROVIDERS)
    except Exception as error:
        reason = runtime_reason(error)
        hint = "export it again, with a newer version of its exporter"
        if "IR version" in reason:
            hint = (
                "set ir_version of the onnx.ModelProto to 10 and save it again, or export with an older onnx"
            )
        elif "opset" in reason.lower():
            hint = "export it with an older opset, such as 17 (target_opset or opset_version)"
        elif "Duplicate definition" in reason:
            hint = (
                "a value in it has the name of an input: export it with other names of the inputs "
                "(input_names of torch.onnx.export)"
            )
        raise TrainingError(
            f"ONNX Runtime {onnxruntime.__version__}, which serves, cannot load the model: {hint}. The "
            f"reason is {reason}"
        ) from error


def runtime_reason(error: Exception) -> str:
    """Returns the message of ONNX Runtime in one line, without the places in its source."""
    text = re.sub(_PLACES, "", str(error))
    return " ".join(text.split())[:LONGEST_REASON].rstrip(".") + "."


def _check_operators(model: onnx.ModelProto) -> None:
    for node in all_nodes(model.graph):
        if node.domain not in STANDARD_DOMAINS:
            way_out = (
                _OF_OPERATORS.get(node.op_type)
                or _WAYS_OUT.get(node.domain)
                or "export the model with standard ONNX operators only"
            )
            raise TrainingError(
                f"The model uses the operator {node.op_type} of the domain {node.domain!r}, which the server "
                f"does not have: {way_out}."
            )


def _input(value: onnx.ValueInfoProto) -> ForeignInput:
    if not value.type.HasField("tensor_type"):
        raise TrainingError(
            f"The model's input {value.name!r} is a "
            f"{value.type.WhichOneof('value') or 'value without type'}, and a row has numbers and strings: "
            "export the model with tensors as inputs."
        )
    tensor = value.type.tensor_type
    kind = _KINDS.get(tensor.elem_type)
    if kind is None:
        name = TensorProto.DataType.Name(tensor.elem_type)
        raise TrainingError(
            f"The model's input {value.name!r} has the type {name}, which no field of a row has: export it "
            "with float, double, int64, bool or string inputs."
        )
    sizes = [dim.dim_value if dim.HasField("dim_value") else None for dim in tensor.shape.dim]
    sizes = sizes if tensor.HasField("shape") else [None, None]
    if not 1 <= len(sizes) <= 2:
        shape = ", ".join("?" if size is None else str(size) for size in sizes)
        raise TrainingError(
            f"The model's input {value.name!r} has the shape ({shape}): images and sequences are no row of "
            "a table. Import a model whose inputs have the shape (rows, columns)."
        )
    return ForeignInput(
        name=value.name,
        kind=kind,
        element=tensor.elem_type,
        rank=len(sizes),
        width=1 if len(sizes) == 1 else sizes[1] or None,
        batch=sizes[0] or None,
    )
