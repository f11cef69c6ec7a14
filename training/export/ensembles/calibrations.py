"""CalibratedClassifierCV as operators of ONNX: calibrated scores of each fold, and their mean."""

from typing import Any

import numpy as np
from onnx import TensorProto
from skl2onnx import update_registered_converter
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from training.errors import TrainingError
from training.export.ensembles.ensemble_members import (
    CLASSIFIER_OPTIONS,
    as_numbers,
    declare_outputs,
    element_type,
    has_option,
    keep_shapes,
    parse_member,
    write_probabilities,
)
from training.export.graphs.graph_builder import GraphBuilder
from training.export.sklearn_steps.fitted_steps import fitted_steps

_ALIAS = "TrainingCalibratedClassifierCV"
_SMALLEST_PROBABILITY = 1e-12


def register_calibration_converter() -> None:
    """Registers the converter."""
    update_registered_converter(
        CalibratedClassifierCV,
        _ALIAS,
        keep_shapes,
        _convert,
        overwrite=True,
        options=CLASSIFIER_OPTIONS,
        parser=_parse,
    )


def score_options(model: Any) -> dict[int, dict[str, bool]]:
    """Returns the options of a conversion by which the classifiers in calibrations give scores.

    Raises:
        TrainingError: When one has scores that skl2onnx does not convert.
    """
    return {
        id(last): {"raw_scores": True, **({"zipmap": False} if has_option(last, "zipmap") else {})}
        for step in fitted_steps(model)
        if isinstance(step, CalibratedClassifierCV)
        for fold in step.calibrated_classifiers_
        if _has_scores(last := _last(fold.estimator))
    }


def _last(estimator: Any) -> Any:
    """Returns the classifier whose scores are calibrated, out of a pipeline or a search."""
    while True:
        if isinstance(estimator, Pipeline):
            estimator = estimator.steps[-1][1]
        elif isinstance(estimator, FrozenEstimator):
            estimator = estimator.estimator
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        else:
            return estimator


def _has_scores(classifier: Any) -> bool:
    if not hasattr(classifier, "decision_function"):
        return False
    if not has_option(classifier, "raw_scores"):
        raise TrainingError(
            f"The {type(classifier).__name__} in a CalibratedClassifierCV is calibrated by its scores, which "
            "have no conversion to ONNX: calibrate LogisticRegression, LinearSVC or a forest instead."
        )
    return True


def _parse(scope: Any, model: Any, inputs: Any, custom_parsers: Any = None) -> list[Any]:
    found = []
    for fold in model.calibrated_classifiers_:
        estimator = fold.estimator
        while isinstance(estimator, FrozenEstimator):
            estimator = estimator.estimator
        found.append(parse_member(scope, estimator, inputs, custom_parsers))
    return declare_outputs(scope, _ALIAS, model, found)


def _convert(scope: Any, operator: Any, container: Any) -> None:
    model, kind = operator.raw_operator, element_type(operator)
    graph = _CalibrationGraph(GraphBuilder(scope, container), kind)
    found = [
        graph.calibrated(scores, fold)
        for scores, fold in zip(as_numbers(graph.nodes, operator), model.calibrated_classifiers_, strict=True)
    ]
    # ONNX Runtime has no mean of double.
    share = graph.nodes.constant(kind, [1], [1 / len(found)])
    mean = graph.nodes.add("Mul", [graph.nodes.add("Sum", found), share])
    write_probabilities(graph.nodes, operator, mean)


class _CalibrationGraph:
    """Nodes of calibrators.

    Args:
        nodes: Builder of the graph.
        kind: Type of its numbers.
    """

    def __init__(self, nodes: GraphBuilder, kind: int) -> None:
        self.nodes, self._kind = nodes, kind

    def calibrated(self, scores: str, fold: Any) -> str:
        """Adds the probabilities of one fold, of shape (rows, labels), and returns their name."""
        if fold.method == "temperature":
            return self._softened(scores, fold)
        places = np.searchsorted(fold.classes, fold.estimator.classes_).tolist()
        count = len(fold.classes)
        columns = [1] if count == 2 else [*range(len(places))]
        found = {
            (1 if count == 2 else place): self._curve(self.nodes.gather(scores, [column]), calibrator)
            for place, column, calibrator in zip(places, columns, fold.calibrators, strict=False)
        }
        if count == 2:
            other = self.nodes.add("Sub", [self._number(1.0), found[1]])
            return self.nodes.add("Concat", [other, found[1]], axis=1)
        absent = self.nodes.add("Mul", [self.nodes.gather(scores, [0]), self._number(0.0)])
        return self._shares([found.get(place, absent) for place in range(count)])

    def _shares(self, columns: list[str]) -> str:
        """Adds the division of each row by its sum; a row of zeros gets the same share for each label."""
        table = self.nodes.add("Concat", columns, axis=1)
        axes = self.nodes.constant(TensorProto.INT64, [1], [1])
        total = self.nodes.add("ReduceSum", [table, axes], keepdims=1)
        is_empty = self.nodes.add("Equal", [total, self._number(0.0)])
        divisor = self.nodes.add("Where", [is_empty, self._number(1.0), total])
        shares = self.nodes.add("Div", [table, divisor])
        return self.nodes.add("Where", [is_empty, self._number(1 / len(columns)), shares])

    def _curve(self, score: str, calibrator: Any) -> str:
        if hasattr(calibrator, "a_"):
            sloped = self.nodes.add("Mul", [score, self._number(-calibrator.a_)])
            return self.nodes.add("Sigmoid", [self.nodes.add("Sub", [sloped, self._number(calibrator.b_)])])
        return self._interpolated(score, calibrator.X_thresholds_, calibrator.y_thresholds_)

    def _interpolated(self, score: str, places: Any, values: Any) -> str:
        """Adds the line between the two thresholds around each score, and the ends beyond them."""
        if len(places) == 1:
            nothing = self.nodes.add("Mul", [score, self._number(0.0)])
            return self.nodes.add("Add", [nothing, self._number(values[0])])
        least = self.nodes.add("Max", [score, self._number(places[0])])
        inside = self.nodes.add("Min", [least, self._number(places[-1])])
        piece = self._piece(inside, places[1:-1])
        slopes = np.diff(values) / np.diff(places)
        start, base, slope = (self._chosen(table, piece) for table in (places[:-1], values[:-1], slopes))
        rise = self.nodes.add("Mul", [self.nodes.add("Sub", [inside, start]), slope])
        return self.nodes.add("Add", [base, rise])

    def _piece(self, score: str, inner: Any) -> str:
        if not len(inner):
            nothing = self.nodes.add("Mul", [score, self._number(0.0)])
            return self.nodes.add("Cast", [nothing], to=TensorProto.INT64)
        row = self.nodes.constant(self._kind, [1, len(inner)], np.asarray(inner, dtype=float).tolist())
        above = self.nodes.add("GreaterOrEqual", [score, row])
        axes = self.nodes.constant(TensorProto.INT64, [1], [1])
        counted = self.nodes.add("Cast", [above], to=TensorProto.INT64)
        return self.nodes.add("ReduceSum", [counted, axes], keepdims=1)

    def _chosen(self, table: Any, piece: str) -> str:
        values = self.nodes.constant(self._kind, [len(table)], np.asarray(table, dtype=float).tolist())
        return self.nodes.add("Gather", [values, piece], axis=0)

    def _softened(self, scores: str, fold: Any) -> str:
        """Adds the softmax of scores, or of logarithms of probabilities, times the inverse temperature."""
        if not hasattr(fold.estimator, "decision_function"):
            least = self.nodes.add("Add", [scores, self._number(_SMALLEST_PROBABILITY)])
            scores = self.nodes.add("Log", [least])
        beta = self._number(fold.calibrators[0].beta_)
        return self.nodes.add("Softmax", [self.nodes.add("Mul", [scores, beta])], axis=1)

    def _number(self, value: Any) -> str:
        return self.nodes.constant(self._kind, [1], [float(value)])
