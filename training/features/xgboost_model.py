"""XGBoost's trees, and that onnxmltools writes them as ONNX operators."""

import sys
from typing import Any

from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
from skl2onnx import update_registered_converter
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
from xgboost import XGBClassifier

# The package as it is installed: without CUDA's libraries, of 300 MB, where there is such a one.
DISTRIBUTION = "xgboost" if sys.platform == "darwin" else "xgboost-cpu"


def boosted_trees(seed: int, **parameters: Any) -> XGBClassifier:
    """Trees that are the same from the same rows, seed and parameters."""
    # One thread, because sums of floats depend on their order.
    return XGBClassifier(random_state=seed, n_jobs=1, tree_method="hist", **parameters)


update_registered_converter(
    XGBClassifier,
    "TrainingXGBClassifier",
    calculate_linear_classifier_output_shapes,
    convert_xgboost,
    overwrite=True,
    options={"zipmap": [False], "nocl": [False]},
)
