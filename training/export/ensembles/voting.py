"""Weighted means of the members of VotingClassifier (soft) and VotingRegressor, as operators of ONNX."""

from typing import Any

import numpy as np
from onnx import TensorProto
from skl2onnx import update_registered_converter
from sklearn.ensemble import VotingClassifier, VotingRegressor

from training.errors import TrainingError
from training.export.ensembles.ensemble_members import (
    CLASSIFIER_OPTIONS,
    as_numbers,
    declare_outputs,
    element_type,
    keep_shapes,
    parse_member,
    write_probabilities,
)
from training.export.graphs.graph_builder import GraphBuilder


def register_voting_converters() -> None:
    """Registers the converters."""
    for kind, options in ((VotingClassifier, CLASSIFIER_OPTIONS), (VotingRegressor, None)):
        alias = f"Training{kind.__name__}"
        update_registered_converter(
            kind, alias, keep_shapes, _convert, overwrite=True, options=options, parser=_parse
        )


def _parse(scope: Any, model: Any, inputs: Any, custom_parsers: Any = None) -> list[Any]:
    if getattr(model, "voting", "soft") != "soft":
        raise TrainingError("A VotingClassifier has voting='hard': fit it with voting='soft'.")
    found = [parse_member(scope, member, inputs, custom_parsers) for member in model.estimators_]
    return declare_outputs(scope, f"Training{type(model).__name__}", model, found)


def _convert(scope: Any, operator: Any, container: Any) -> None:
    graph, model = GraphBuilder(scope, container), operator.raw_operator
    weights = model._weights_not_none or [1.0] * len(model.estimators_)
    shares = (np.asarray(weights, dtype=np.float64) / np.sum(weights)).tolist()
    members = as_numbers(graph, operator)
    if not hasattr(model, "classes_"):
        shape = graph.constant(TensorProto.INT64, [2], [-1, 1])
        members = [graph.add("Reshape", [member, shape]) for member in members]
    kind = element_type(operator)
    weighed = [
        graph.add("Mul", [member, graph.constant(kind, [1], [share])])
        for member, share in zip(members, shares, strict=True)
    ]
    mean = graph.add("Sum", weighed)
    if hasattr(model, "classes_"):
        write_probabilities(graph, operator, mean)
    else:
        graph.add("Identity", [mean], output=operator.outputs[0].full_name)
