"""Checks of a composed graph's runs: on all rows at once, on one row alone, and without NaN."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.errors import TrainingError
from training.export.graph_scorer import GraphScorer
from training.importing.graphs.foreign_graph import ForeignGraph, open_session, runtime_reason
from training.importing.graphs.graph_nodes import all_nodes

_DRAWING = frozenset(
    {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}
)


def check_run(content: bytes, tensors: dict[str, NDArray[Any]], graph: ForeignGraph) -> None:
    """Raises TrainingError unless ONNX Runtime runs the composed graph on all rows at once, and on one."""
    session = open_session(content)
    try:
        session.run(None, tensors)
    except Exception as error:
        name, batch = graph.inputs[0].name, graph.batch
        kept = f"was exported for {batch} rows at a time" if batch else "computes with a fixed number of rows"
        raise TrainingError(
            f"The graph {kept.replace('1 rows', '1 row')}, and a step of it keeps that number: export it "
            f"with the number of rows open (torch.onnx.export: dynamic_axes={{{name!r}: {{0: 'rows'}}}}; "
            f"tf2onnx: a shape of [-1, columns]). The reason is {runtime_reason(error)}"
        ) from error
    try:
        session.run(None, {name: tensor[:1] for name, tensor in tensors.items()})
    except Exception as error:
        raise TrainingError(
            "The graph runs on all rows of the sample at once, and fails on one row alone, of which most "
            "requests are: a step drops the dimension of the rows, such as squeeze() without a dimension. "
            f"Name the dimension there (squeeze(1)), and export it again. The reason is "
            f"{runtime_reason(error)}"
        ) from error


def check_single_row(
    scorer: GraphScorer,
    tensors: dict[str, NDArray[Any]],
    predictions: NDArray[np.float32],
    graph: ForeignGraph,
) -> None:
    """Raises TrainingError when a row alone is predicted otherwise than among others."""
    alone = scorer.score({name: tensor[-1:] for name, tensor in tensors.items()})
    if alone.shape != predictions[-1:].shape or not np.allclose(
        alone, predictions[-1:], rtol=1e-5, atol=1e-6, equal_nan=True
    ):
        raise TrainingError(
            f"The model predicts {alone[0].tolist()} for the last row of the sample alone, and "
            f"{predictions[-1].tolist()} among the others: {_cause(graph)}."
        )


def _cause(graph: ForeignGraph) -> str:
    """Returns why a row alone is predicted otherwise, and the way out."""
    kinds = {node.op_type for node in all_nodes(graph.model.graph)}
    if drawing := sorted(kinds & _DRAWING):
        return f"its step {drawing[0]} draws random numbers: export it for inference (model.eval())"
    if "DynamicQuantizeLinear" in kinds:
        return (
            "it computes across rows. Its dynamic quantization takes its scale from all rows of a request: "
            "import the model before its quantization, or quantize it statically"
        )
    return "it computes across rows. Export it for inference, with the number of rows open (dynamic_axes)"


def check_numbers(predictions: NDArray[np.float32]) -> None:
    """Raises TrainingError for the first sample row whose prediction is infinite, or not a number."""
    infinite = np.isinf(predictions).any(axis=1)
    if infinite.any():
        raise TrainingError(
            f"The model's prediction is infinite for row {int(np.argmax(infinite))} of the sample (the first "
            "row is 0), as of a division by zero: leave out such rows, or import a model that limits its "
            "values."
        )
    absent = np.isnan(predictions).any(axis=1)
    if absent.any():
        raise TrainingError(
            f"The model's prediction is not a number (NaN) for row {int(np.argmax(absent))} of the sample "
            "(the first row is 0): it does not take absent values; leave out such rows, or import a "
            "pipeline that replaces them."
        )
