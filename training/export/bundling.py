"""A fitted pipeline as a bundle that was read back and found to answer as the pipeline does."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bundle import Bundle, DataSource, Manifest, Metrics, read_archive, write_archive
from training.data.dataset import Dataset
from training.data.inputs import graph_tensors
from training.data.split import Split, evenly
from training.errors import TrainingError
from training.evaluation.measure import measure
from training.export.export import export
from training.export.golden import golden_rows
from training.export.scorer import Scorer
from training.fitting.fit import Fitted
from training.model import Model

LARGEST_DIFFERENCE = 1e-5
CHECKED_ROWS = 100_000
LIBRARIES = ("numpy", "onnx", "onnxruntime", "scikit-learn", "skl2onnx")


@dataclass(frozen=True, kw_only=True)
class Verified:
    """A bundle that was read back and run on test rows.

    Attributes:
        bundle: As it was read back.
        metrics: Its own quality on all of them.
        outputs: Its answers to all of them, by situation: (n, classes) probabilities or (n, 1) values.
        difference: The largest difference between its answers and the pipeline's.
    """

    bundle: Bundle
    metrics: Metrics
    outputs: Mapping[str, NDArray[Any]]
    difference: float


def write_bundle(path: Path, *, name: str, data: Dataset, split: Split, fitted: Fitted) -> Verified:
    """Writes the bundle, reads it back and runs it on test rows; it stands at `path` only if it is right.

    Raises:
        TrainingError: When it does not answer as the pipeline does.
        BundleError: When it cannot be read back.
    """
    graph = export(fitted.pipeline, fitted.model.columns)
    scorer = Scorer(graph, fitted.model.fields)
    outputs = _outputs(scorer, fitted.model, split.test)
    manifest = _manifest(name, data, split, fitted.model, scorer, outputs)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unverified-", dir=path.parent) as folder:
        candidate = Path(folder) / path.name
        write_archive(candidate, manifest=manifest, model=graph)
        verified = verify(read_archive(candidate), split=split, fitted=fitted, outputs=outputs)
        candidate.replace(path)
    return verified


def verify(bundle: Bundle, *, split: Split, fitted: Fitted, outputs: Mapping[str, NDArray[Any]]) -> Verified:
    """Runs a bundle on test rows and compares it with the pipeline and with what it says of itself.

    Args:
        bundle: As it was read back.
        split: The rows.
        fitted: The pipeline.
        outputs: What the graph answered to all test rows before it was packed.

    Raises:
        TrainingError: When a probability (or value) is more than 1e-5 off, or the manifest is wrong.
    """
    model, manifest = fitted.model, bundle.manifest
    scorer = Scorer(bundle.model, manifest.fields)
    rows = evenly(len(split.test), CHECKED_ROWS)
    test = split.test.take(rows)
    answers = _outputs(scorer, model, test)
    difference = _difference(fitted.outputs(test), answers)
    if difference > LARGEST_DIFFERENCE:
        raise TrainingError(
            f"The exported graph differs from the pipeline by {difference:.1e} on the test rows, and "
            f"{LARGEST_DIFFERENCE:.0e} is allowed: a step's ONNX converter is wrong. No bundle was written."
        )
    metrics = measure(model, split, outputs)
    if (
        manifest.metrics != metrics
        or manifest.golden != golden_rows(model, split.test, scorer)
        or _difference(answers, {name: output[rows] for name, output in outputs.items()}) > 0
    ):
        raise TrainingError(
            "The bundle read back does not have the metrics and golden rows its manifest gives. "
            "No bundle was written."
        )
    return Verified(bundle=bundle, metrics=metrics, outputs=outputs, difference=difference)


def _manifest(
    name: str,
    data: Dataset,
    split: Split,
    model: Model,
    scorer: Scorer,
    outputs: Mapping[str, NDArray[Any]],
) -> Manifest:
    start, end = data.period
    return Manifest(
        name=name,
        task=model.task,
        fields=model.fields,
        labels=model.labels,
        positive_label=model.labels[-1] if model.task == "binary" else None,
        threshold=model.threshold,
        metrics=measure(model, split, outputs),
        data=DataSource(name=data.name, rows=len(data), start=start, end=end),
        libraries={library: version(library) for library in sorted((*LIBRARIES, *model.libraries))},
        golden=golden_rows(model, split.test, scorer),
    )


def _outputs(scorer: Scorer, model: Model, test: Dataset) -> dict[str, NDArray[Any]]:
    return {
        situation.name: scorer.score(graph_tensors(model.fields, test.without(situation.absent)))
        for situation in model.situations
    }


def _difference(one: Mapping[str, NDArray[Any]], other: Mapping[str, NDArray[Any]]) -> float:
    return float(max(np.abs(one[situation] - other[situation]).max() for situation in one))
