"""LinearDiscriminantAnalysis as operators of ONNX; skl2onnx doubles the score of two labels."""

from typing import Any

from skl2onnx import update_registered_converter
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from training.export.ensembles.ensemble_members import as_numbers, element_type, write_probabilities
from training.export.graphs.graph_builder import GraphBuilder


def register_discriminant_converter() -> None:
    """Registers the converter."""
    update_registered_converter(
        LinearDiscriminantAnalysis,
        "TrainingLinearDiscriminantAnalysis",
        calculate_linear_classifier_output_shapes,
        _convert,
        overwrite=True,
        options={"zipmap": [False, True], "nocl": [False, True], "raw_scores": [False, True]},
    )


def _convert(scope: Any, operator: Any, container: Any) -> None:
    graph, model = GraphBuilder(scope, container), operator.raw_operator
    kind = element_type(operator)
    tables = as_numbers(graph, operator)
    table = tables[0] if len(tables) == 1 else graph.add("Concat", tables, axis=1)
    slopes = graph.constant(kind, list(model.coef_.T.shape), model.coef_.T.ravel().tolist())
    base = graph.constant(kind, [len(model.intercept_)], model.intercept_.tolist())
    scores = graph.add("Add", [graph.add("MatMul", [table, slopes]), base])
    is_raw = container.get_options(model, {"raw_scores": False})["raw_scores"]
    if len(model.classes_) == 2:
        scores = graph.add("Concat", [graph.add("Neg", [scores]), scores], axis=1)
        found = scores if is_raw else graph.add("Sigmoid", [scores])
    else:
        found = scores if is_raw else graph.add("Softmax", [scores], axis=1)
    write_probabilities(graph, operator, found)
