"""LightGBM's trees as an ONNX operator that decides as LightGBM does."""

from typing import Any

import numpy as np
from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm


def convert_boosting(scope: Any, operator: Any, container: Any) -> None:
    """Writes a fitted LightGBM model, with thresholds that float32 inputs meet exactly."""
    convert_lightgbm(scope, operator, _Float32Thresholds(container))


class _Float32Thresholds:
    """A container of operators that rounds the trees' thresholds down to float32.

    LightGBM compares with float64 thresholds, ONNX with float32 ones. The nearest float32 may lie above, and
    a row of just that value takes the other branch. For a float32 x, x <= t exactly if x <= t rounded down.
    """

    def __init__(self, container: Any) -> None:
        self._container = container

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)

    def add_node(self, *operands: Any, **attributes: Any) -> None:
        """Passes an operator on, its thresholds rounded if it has any."""
        if "nodes_values" in attributes:
            exact = np.asarray(attributes["nodes_values"], dtype=np.float64)
            attributes["nodes_values"] = round_down(exact).tolist()
        self._container.add_node(*operands, **attributes)


def round_down(exact: np.ndarray) -> np.ndarray:
    """The greatest float32 values that are not above the float64 ones."""
    # A split of absent from present has the greatest float64 for its threshold.
    with np.errstate(over="ignore"):
        nearest = exact.astype(np.float32)
        below = np.nextafter(nearest, np.float32(-np.inf))
    return np.where(nearest > exact, below, nearest)
