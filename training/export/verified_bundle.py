"""Bundle writer: writes a fitted pipeline as a bundle, reads the bundle back and verifies its predictions."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bundle import Bundle, DataSource, Manifest, Metrics, read_archive, write_archive
from training.data.claimed_folder import claimed_folder
from training.data.dataset import Dataset
from training.data.model_inputs import graph_tensors
from training.data.split import Split, evenly
from training.errors import TrainingError
from training.evaluation.manifest_metrics import manifest_metrics
from training.export.changed_golden import changed_by_reading
from training.export.export_errors import loading_error
from training.export.golden_rows import golden_rows
from training.export.graph_scorer import GraphScorer
from training.export.onnx_export import export
from training.fitting.fit import Fitted
from training.model import Model

PARITY_TOLERANCE = 1e-5
PARITY_ROWS = 100_000
LIBRARIES = ("numpy", "onnx", "onnxruntime", "scikit-learn", "skl2onnx")


@dataclass(frozen=True, kw_only=True)
class VerifiedBundle:
    """A bundle that was read back and verified on test rows.

    Attributes:
        model: The model, with the situations that hold for its data.
        bundle: The bundle as read back.
        scorer: Runs its graph.
        metrics: Its metrics on all test rows.
        outputs: Its outputs for all test rows, by situation: (n, labels) probabilities or (n, 1) values.
        difference: Largest difference from the output of the scikit-learn pipeline.
    """

    model: Model
    bundle: Bundle
    scorer: GraphScorer
    metrics: Metrics
    outputs: Mapping[str, NDArray[Any]]
    difference: float


def write_bundle(path: Path, *, name: str, data: Dataset, split: Split, fitted: Fitted) -> VerifiedBundle:
    """Writes a bundle, reads it back and verifies it; the file replaces `path` only after that.

    Raises:
        TrainingError: When the bundle does not predict as the pipeline does.
        BundleError: When the bundle cannot be read back.
        OSError: When the file cannot be written.
    """
    graph = export(fitted.pipeline, fitted.model.columns)
    scorer = _scorer(graph, fitted)
    outputs = _outputs(scorer, fitted.model, split.test)
    manifest = _manifest(name, data, split, fitted.model, scorer, outputs)
    with claimed_folder(path.parent, ".unverified-") as folder:
        candidate = folder / path.name
        write_archive(candidate, manifest=manifest, model=graph)
        verified = verify(read_archive(candidate), split=split, fitted=fitted, outputs=outputs)
        candidate.replace(path)
    return verified


def verify(
    bundle: Bundle, *, split: Split, fitted: Fitted, outputs: Mapping[str, NDArray[Any]]
) -> VerifiedBundle:
    """Compares a bundle's predictions on test rows with the pipeline's and with the bundle's own manifest.

    Args:
        bundle: The bundle as read back.
        split: Training rows and test rows.
        fitted: The fitted pipeline.
        outputs: The graph's outputs for all test rows before the bundle was written, by situation.

    Raises:
        TrainingError: When a probability (or value) differs by more than 1e-5, or when the manifest states
            other metrics or golden rows than the bundle has.
    """
    model, manifest = fitted.model, bundle.manifest
    scorer = GraphScorer(bundle.model, manifest.fields)
    rows = evenly(len(split.test), PARITY_ROWS)
    test = split.test.take(rows)
    read_back = _outputs(scorer, model, test)
    difference = _difference(fitted.outputs(test), read_back)
    if difference > PARITY_TOLERANCE:
        raise TrainingError(
            f"The exported graph differs from its pipeline by {difference:.1e} on the test rows, "
            f"{PARITY_TOLERANCE:.0e} is allowed. No bundle was written: correct the ONNX converter of the "
            "pipeline's steps."
        )
    metrics = manifest_metrics(model, split, outputs)
    golden = golden_rows(model, split.test, scorer)
    _check_predictions(read_back, {name: output[rows] for name, output in outputs.items()}, rows)
    if reason := changed_by_reading(manifest, metrics, golden):
        raise TrainingError(f"The bundle that was read back {reason}. No bundle was written.")
    return VerifiedBundle(
        model=model, bundle=bundle, scorer=scorer, metrics=metrics, outputs=outputs, difference=difference
    )


def _scorer(graph: bytes, fitted: Fitted) -> GraphScorer:
    try:
        return GraphScorer(graph, fitted.model.fields)
    except Exception as error:
        raise loading_error(error, fitted.pipeline) from error


def _check_predictions(
    read_back: Mapping[str, NDArray[Any]], written: Mapping[str, NDArray[Any]], rows: NDArray[np.intp]
) -> None:
    """Raises TrainingError for the first test row that the bundle, when read back, predicts otherwise."""
    for situation, output in read_back.items():
        differs = (output != written[situation]).any(axis=1) & ~np.isnan(output).all(axis=1)
        if differs.any():
            first = int(np.argmax(differs))
            raise TrainingError(
                f"The bundle that was read back predicts {output[first].tolist()} for test row "
                f"{rows[first]:,}, and "
                f"the graph before it was written {written[situation][first].tolist()}: some operator of "
                "the graph is not deterministic. No bundle was written."
            )


def _manifest(
    name: str,
    data: Dataset,
    split: Split,
    model: Model,
    scorer: GraphScorer,
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
        metrics=manifest_metrics(model, split, outputs),
        data=DataSource(name=data.name, rows=len(data), start=start, end=end),
        libraries={library: version(library) for library in sorted((*LIBRARIES, *model.libraries))},
        golden=golden_rows(model, split.test, scorer),
    )


def _outputs(scorer: GraphScorer, model: Model, test: Dataset) -> dict[str, NDArray[Any]]:
    return {
        situation.name: scorer.score(graph_tensors(model.fields, test.without(situation.absent)))
        for situation in model.situations
    }


def _difference(one: Mapping[str, NDArray[Any]], other: Mapping[str, NDArray[Any]]) -> float:
    return float(max(np.abs(one[situation] - other[situation]).max() for situation in one))
