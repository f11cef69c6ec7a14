"""ONNX operators in graphs of users' own tables: `TreeFeatures`, `WordsBeside` and `TableTrees`."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType

from training.export.graphs.graph_builder import GraphBuilder
from training.export.graphs.linear_graph import convert_linear_features
from training.export.graphs.tree_ensemble import booster_trees, leaf, tree_ensemble
from training.features.linear_features import LinearFeatures
from training.features.tfidf import convert_words
from training.features.tree_features import TreeFeatures

if TYPE_CHECKING:
    from training.features.text_features import WordsBeside
    from training.fitting.own_table_boosting import TableTreesClassifier, TableTreesRegressor


def set_width(operator: Any) -> None:
    """Declares the output of features to skl2onnx: float32, shape (n, width)."""
    operator.outputs[0].type = FloatTensorType([None, operator.raw_operator.width])


def convert_tree_features(scope: Any, operator: Any, container: Any) -> None:
    """Writes the matrix as one Concat of numbers, one-hot codes and means."""
    features: TreeFeatures = operator.raw_operator
    graph = GraphBuilder(scope, container)
    inputs = [variable.full_name for variable in operator.inputs]
    parts = []
    if features.numbers:
        parts.append(graph.gather(inputs[0], _positions(features.number_columns, features.numbers)))
    parts += _codes(graph, features, inputs[-1])
    graph.add("Concat", parts, output=operator.outputs[0].full_name, axis=1)


def _codes(graph: GraphBuilder, features: TreeFeatures, strings: str) -> Iterator[str]:
    for name, categories in features.categories_.items():
        column = graph.gather(strings, _positions(features.string_columns, [name]))
        position = graph.add(
            "LabelEncoder",
            [column],
            keys_strings=[text.encode() for text in categories],
            values_int64s=[*range(len(categories))],
            default_int64=-1,
        )
        order = graph.constant(TensorProto.INT64, [1, len(categories)], [*range(len(categories))])
        yield graph.add("Cast", [graph.add("Equal", [position, order])], to=TensorProto.FLOAT)
    for name, means in features.means_.items():
        column = graph.gather(strings, _positions(features.string_columns, [name]))
        for number, prior in enumerate(features.priors_.tolist()):
            yield graph.add(
                "LabelEncoder",
                [column],
                keys_strings=[text.encode() for text in means],
                values_floats=[float(values[number]) for values in means.values()],
                default_float=prior,
            )


def _positions(columns: Any, names: Any) -> list[int]:
    order = {name: position for position, name in enumerate(columns)}
    return [order[name] for name in names]


def convert_words_beside(scope: Any, operator: Any, container: Any) -> None:
    """Writes the other features and the words of each text by their own converters, and joins them."""
    union: WordsBeside = operator.raw_operator
    graph = GraphBuilder(scope, container)
    parts = []
    if union.features_ is not None:
        convert = {LinearFeatures: convert_linear_features, TreeFeatures: convert_tree_features}
        convert_one = convert[type(union.features_)]
        parts.append(_converted(convert_one, scope, container, union.features_, operator.inputs))
    strings = operator.inputs[-1].full_name
    for name, words in union.words_.items():
        column = graph.gather(strings, _positions(union.string_columns, [name]))
        inputs = [SimpleNamespace(full_name=column)]
        parts.append(_converted(convert_words, scope, container, words, inputs))
    graph.add("Concat", parts, output=operator.outputs[0].full_name, axis=1)


def _converted(convert: Any, scope: Any, container: Any, step: Any, inputs: Any) -> str:
    """Runs the converter of a step inside another one's, and returns the name of its output."""
    output: str = scope.get_unique_variable_name("part")
    part = SimpleNamespace(raw_operator=step, inputs=inputs, outputs=[SimpleNamespace(full_name=output)])
    convert(scope, part, container)
    return output


def set_trees_shapes(operator: Any) -> None:
    """Declares the outputs of a classifier to skl2onnx: labels, shape (n,), and probabilities."""
    operator.outputs[0].type = Int64TensorType([None])
    operator.outputs[1].type = FloatTensorType([None, len(operator.raw_operator.classes_)])


def set_value_shape(operator: Any) -> None:
    """Declares the output of a regressor to skl2onnx: shape (n, 1)."""
    operator.outputs[0].type = FloatTensorType([None, 1])


def convert_table_classifier(scope: Any, operator: Any, container: Any) -> None:
    """Writes the trees, the calibration of their sums, and the sigmoid or softmax."""
    model: TableTreesClassifier = operator.raw_operator
    graph = GraphBuilder(scope, container)
    classes = len(model.classes_)
    output = operator.outputs[1].full_name
    scores = _scores(graph, model, operator.inputs[0].full_name, targets=1 if classes == 2 else classes)
    if classes == 2:
        both = _scaled(
            graph, scores, np.array([-model.slope, model.slope]), np.array([-1, 1]) * model.intercept
        )
        graph.add("Sigmoid", [both], output=output)
    else:
        calibrated = _scaled(graph, scores, np.full(1, model.slope), np.zeros(1))
        graph.add("Softmax", [calibrated], output=output, axis=1)
    zero = graph.constant(TensorProto.INT64, [1], np.zeros(1, dtype=np.int64))
    graph.add("Identity", [zero], output=operator.outputs[0].full_name)


def convert_table_regressor(scope: Any, operator: Any, container: Any) -> None:
    """Writes the trees, and the mean and standard deviation of the target."""
    model: TableTreesRegressor = operator.raw_operator
    graph = GraphBuilder(scope, container)
    scores = _scores(graph, model, operator.inputs[0].full_name, targets=1)
    value = _scaled(graph, scores, np.full(1, model.deviation_), np.full(1, model.mean_))
    graph.add("Identity", [value], output=operator.outputs[0].full_name)


def _scores(graph: GraphBuilder, model: Any, features: str, *, targets: int) -> str:
    booster, positions = model.booster_, range(model.booster_.num_feature())
    trees = booster_trees(booster, positions)[: model.rounds_ * targets]
    trees = [{**tree, "target": number % targets} for number, tree in enumerate(trees)]
    # A node needs a tree: of no rounds, one that adds nothing.
    attributes = tree_ensemble(trees or [leaf(0.0)], targets=targets)
    return graph.add("TreeEnsembleRegressor", [features], **attributes)


def _scaled(graph: GraphBuilder, scores: str, slope: NDArray[Any], intercept: NDArray[Any]) -> str:
    """Returns `intercept + slope * scores`."""
    shape = [1, len(slope)]
    scaled = graph.add("Mul", [scores, graph.constant(TensorProto.FLOAT, shape, slope.tolist())])
    return graph.add("Add", [scaled, graph.constant(TensorProto.FLOAT, shape, intercept.tolist())])
