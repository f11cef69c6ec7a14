"""The first step of a pipeline whose outputs differ from those of its graph, and the cause."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnxruntime
import scipy.sparse
from numpy.typing import NDArray

from training.data.dataset import Dataset
from training.data.model_inputs import graph_tensors, pipeline_frame
from training.export.onnx_export import export
from training.export.parity_error import StepDifference
from training.fitting.fit import Fitted

# Differences that float32 explains, relative to the value.
ROUNDING = 1e-5
_TREES = re.compile("Tree|Forest|Boosting|XGB|LGBM")
# Transformers of numbers whose converters are right, but compute in float32.
_ARITHMETIC = re.compile("Scaler$|PowerTransformer|QuantileTransformer|Polynomial|Spline|PCA|SVD|Normalizer")


def first_differing_step(fitted: Fitted, rows: Dataset, size: float) -> StepDifference:
    """Runs a pipeline step by step, in scikit-learn and as a graph, on rows whose predictions differ.

    Args:
        fitted: The fitted pipeline.
        rows: The rows.
        size: Largest difference of the predictions.
    """
    pipeline, model = fitted.pipeline, fitted.model
    frame, tensors = pipeline_frame(model.fields, rows), graph_tensors(model.fields, rows)
    steps = list(getattr(pipeline, "steps", []))
    name, last = steps[-1] if steps else ("pipeline", pipeline)
    has_trees = bool(_kinds(last, _TREES))
    rounded: StepDifference | None = None
    for number in range(1, len(steps)):
        try:
            prefix = pipeline[:number]
            own_output = _dense(prefix.transform(frame))
            output = _run(export(prefix, model.columns), tensors)
        except Exception:  # noqa: S112  # a prefix that cannot run alone is compared with the next step
            continue
        for step, kind, own, other in _parts(steps[number - 1][0], steps[number - 1][1], own_output, output):
            found = _largest(own, other)
            if not found:
                continue
            is_arithmetic = bool(_ARITHMETIC.search(kind))
            if found > ROUNDING * max(1.0, _magnitude(own)) and not (has_trees and is_arithmetic):
                return StepDifference(name=step, kind=kind, cause="converter", size=found)
            rounded = rounded or StepDifference(
                name=step, kind=kind, cause="rounding before trees", size=found
            )
    if has_trees and rounded:
        return rounded
    return StepDifference(name=name, kind=type(last).__name__, cause="converter", size=size)


def _parts(
    name: str, step: Any, own: NDArray[Any], other: NDArray[Any]
) -> Iterator[tuple[str, str, NDArray[Any], NDArray[Any]]]:
    """Yields the outputs of a step; of a ColumnTransformer or a pipeline in it, those of each part."""
    slices = getattr(step, "output_indices_", None)
    if not slices or own.shape != other.shape:
        yield name, type(step).__name__, own, other
        return
    for part, transformer, _ in step.transformers_:
        inner = getattr(transformer, "steps", [(part, transformer)])
        kinds = ", ".join(type(one).__name__ for _, one in inner)
        yield f"{name}__{part}", kinds, own[:, slices[part]], other[:, slices[part]]


def _largest(own: NDArray[Any], other: NDArray[Any]) -> float:
    """Returns the largest difference; infinity where shape, texts or NaN differ."""
    if own.shape != other.shape:
        return float("inf")
    if own.dtype.kind not in "fiub":
        return 0.0 if (own.astype(str) == other.astype(str)).all() else float("inf")
    # The graph's numbers are float32; only what is left after the same rounding is a difference.
    one, two = own.astype(np.float32), other.astype(np.float32)
    equal = (one == two) | (np.isnan(one) & np.isnan(two))
    found = np.abs(one.astype(np.float64) - two)[~equal]
    return float(np.nan_to_num(found, nan=np.inf).max(initial=0.0))


def _magnitude(values: NDArray[Any]) -> float:
    return float(np.nanmax(np.abs(values), initial=0.0)) if values.dtype.kind in "fiub" else 1.0


def _dense(values: Any) -> NDArray[Any]:
    return np.asarray(values.toarray() if scipy.sparse.issparse(values) else values)


def _run(graph: bytes, tensors: dict[str, NDArray[Any]]) -> NDArray[Any]:
    [output] = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"]).run(None, tensors)
    return np.asarray(output)


def _kinds(estimator: Any, pattern: re.Pattern[str]) -> list[str]:
    """Returns the class names, of an estimator and of those in it, that a pattern finds."""
    inner = estimator.get_params(deep=True).values() if hasattr(estimator, "get_params") else ()
    return [
        type(one).__name__
        for one in (estimator, *inner)
        if hasattr(one, "fit") and pattern.search(type(one).__name__)
    ]
