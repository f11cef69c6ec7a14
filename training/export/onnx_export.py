"""Export of a fitted scikit-learn pipeline to the ONNX graph of a bundle."""

import warnings
from typing import Any

import onnx.utils
from skl2onnx import convert_sklearn, update_registered_converter
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.base import is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor

from bundle import NUMBERS, STRINGS, Columns, output_name
from training.errors import TrainingError
from training.export.ensembles.calibrations import score_options
from training.export.export_errors import export_error
from training.export.graphs.boosting_graph import convert_boosting, set_boosting_shapes
from training.export.graphs.constant_graph import (
    convert_constant_classifier,
    convert_constant_regressor,
    set_constant_classifier_shapes,
    set_constant_regressor_shape,
)
from training.export.graphs.features_graph import convert_features, set_features_shape
from training.export.graphs.linear_graph import convert_linear_features, set_linear_features_shape
from training.export.graphs.own_table_operators import (
    convert_table_classifier,
    convert_table_regressor,
    convert_tree_features,
    convert_words_beside,
    set_trees_shapes,
    set_value_shape,
    set_width,
)
from training.export.graphs.quantile_graph import convert_quantile_boosting, set_quantiles_shape
from training.export.library_converters import register_library_converters
from training.export.sklearn_steps.missing_value_branches import with_finite_thresholds
from training.features.features import Features
from training.features.linear_features import LinearFeatures
from training.features.text_features import WordsBeside
from training.features.tree_features import TreeFeatures
from training.fitting.boosting import Boosting
from training.fitting.own_table_boosting import TableTreesClassifier, TableTreesRegressor
from training.quantiles.quantile_boosting import QuantileBoosting

# StringConcat came with opset 20; ai.onnx.ml 3 is the last whose tree operators the converters write.
OPSETS = {"": 20, "ai.onnx.ml": 3}


def export(pipeline: Any, columns: Columns, *, output: str = "") -> bytes:
    """Converts a fitted pipeline to an ONNX file; the same pipeline gives the same bytes.

    The inputs are `numbers`, float32 of shape (n, columns), and `strings`, of shape (n, columns). The output
    is `probabilities` of shape (n, labels), or `value` of shape (n, 1) of a regressor, unless `output` gives
    it another name.

    Raises:
        TrainingError: When a step cannot be converted, or is fitted to something that the graph cannot
        express.
    """
    _register_converters()
    inputs = _inputs(columns)
    with warnings.catch_warnings():
        # skl2onnx 1.20 asks an SVC for attributes that scikit-learn 1.9 deprecates; they are empty here.
        warnings.filterwarnings("ignore", "Attribute `prob[AB]_` was deprecated", FutureWarning)
        try:
            model = convert_sklearn(
                with_finite_thresholds(pipeline),
                name="model",
                initial_types=inputs,
                target_opset=OPSETS,
                options=_options(pipeline),
            )
        except TrainingError:
            raise
        except Exception as error:
            raise export_error(error, pipeline) from error
    name = output or output_name("binary" if is_classifier(pipeline) else "regression")
    return _only_output(model, [tensor for tensor, _ in inputs], name)


def _inputs(columns: Columns) -> list[tuple[str, Any]]:
    tensors = ((NUMBERS, FloatTensorType, columns.numbers), (STRINGS, StringTensorType, columns.strings))
    return [(name, tensor([None, len(names)])) for name, tensor, names in tensors if names]


def _options(pipeline: Any) -> dict[int, Any]:
    own = {id(pipeline): {"zipmap": False}} if is_classifier(pipeline) else {}
    return {**own, **score_options(pipeline)}


def _only_output(model: onnx.ModelProto, inputs: list[str], name: str) -> bytes:
    """Serializes the part of the graph that leads to its last output, under that output's new name."""
    last = model.graph.output[-1].name
    extracted = onnx.utils.Extractor(model).extract_model(inputs, [last])
    for node in extracted.graph.node:
        node.output[:] = [name if output == last else output for output in node.output]
        node.input[:] = [name if value == last else value for value in node.input]
    extracted.graph.output[0].name = name
    # The converter keeps opsets in a set, whose order changes from process to process.
    opsets = sorted(extracted.opset_import, key=lambda opset: opset.domain)
    extracted.ClearField("opset_import")
    extracted.opset_import.extend(opsets)
    extracted.graph.name = "model"
    extracted.producer_name = "training"
    return bytes(extracted.SerializeToString(deterministic=True))


def _register_converters() -> None:
    register_library_converters()
    classifier = {"zipmap": [False], "nocl": [False]}
    for kind, set_shapes, convert, options in (
        (Features, set_features_shape, convert_features, None),
        (Boosting, set_boosting_shapes, convert_boosting, classifier),
        (LinearFeatures, set_linear_features_shape, convert_linear_features, None),
        (TreeFeatures, set_width, convert_tree_features, None),
        (WordsBeside, set_width, convert_words_beside, None),
        (QuantileBoosting, set_quantiles_shape, convert_quantile_boosting, None),
        (TableTreesClassifier, set_trees_shapes, convert_table_classifier, classifier),
        (TableTreesRegressor, set_value_shape, convert_table_regressor, None),
        (DummyClassifier, set_constant_classifier_shapes, convert_constant_classifier, classifier),
        (DummyRegressor, set_constant_regressor_shape, convert_constant_regressor, None),
    ):
        update_registered_converter(kind, kind.__name__, set_shapes, convert, overwrite=True, options=options)
