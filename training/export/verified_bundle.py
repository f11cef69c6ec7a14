"""Bundle writer: writes a fitted pipeline as a bundle, reads the bundle back and verifies its predictions."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from bundle import Bundle, DataSource, Golden, Manifest, Reference, read_archive, write_archive
from training.data.dataset import Dataset
from training.data.split import Split, evenly
from training.data.temporary_folder import temporary_folder
from training.errors import TrainingError
from training.evaluation.conformal_interval import conformal_interval
from training.export.evaluated_fit import MeasuredFit, graph_outputs, graph_scorer, measured_fit
from training.export.first_differing_step import first_differing_step
from training.export.golden_rows import changed_by_reading, golden_rows
from training.export.graph_scorer import GraphScorer
from training.export.onnx_export import export
from training.export.parity_error import parity_error
from training.export.quantile_export import QuantilePart, check_quantiles, quantile_part
from training.export.reference_statistics import noise_of, reference_of
from training.fitting.fit import Fitted
from training.model import Model

PARITY_TOLERANCE = 1e-5
PARITY_ROWS = 100_000
# Differing rows on which the steps of a pipeline are compared one by one.
PARITY_EXAMPLES = 1_000
LIBRARIES = ("numpy", "onnx", "onnxruntime", "scikit-learn", "skl2onnx")


@dataclass(frozen=True, kw_only=True)
class VerifiedBundle:
    """A bundle that was read back and verified on test rows.

    Attributes:
        model: The model, with the situations that hold for its data.
        bundle: The bundle as read back.
        fitted: The pipeline that ships.
        measured: The fit whose figures the bundle states.
        difference: Largest difference from the output of the scikit-learn pipeline.
    """

    model: Model
    bundle: Bundle
    fitted: Fitted
    measured: MeasuredFit
    difference: float

    @property
    def is_measured(self) -> bool:
        """Whether the fit that ships is the one that was measured."""
        return self.fitted is self.measured.fitted


def write_bundle(
    path: Path, *, name: str, data: Dataset, split: Split, fitted: Fitted, measured: MeasuredFit | None = None
) -> VerifiedBundle:
    """Writes a bundle, reads it back and verifies it; the file replaces `path` only after that.

    Args:
        path: Path of the bundle.
        name: Name of the model.
        data: All rows.
        split: Training rows and test rows.
        fitted: The pipeline that ships.
        measured: The fit whose figures the bundle states; None for the pipeline that ships.

    Raises:
        TrainingError: When the bundle does not predict as the pipeline does.
        BundleError: When the bundle cannot be read back.
        OSError: When the file cannot be written.
    """
    measured = measured or measured_fit(fitted, split)
    ships = measured.fitted is fitted
    graph = measured.graph if ships else export(fitted.pipeline, fitted.model.columns)
    scorer = measured.scorer if ships else graph_scorer(graph, fitted)
    rows = parity_rows(split)
    own = {situation: output[rows] for situation, output in measured.outputs.items()}
    outputs = own if ships else graph_outputs(scorer, fitted.model, split.test.take(rows))
    learned = split.train if ships else data
    noise = None if ships else noise_of(fitted.model, outputs, own)
    reference = reference_of(fitted.model, learned, measured.outputs, noise)
    golden = golden_rows(fitted.model, split.test, scorer)
    part = quantile_part(fitted, measured.fitted, split, golden)
    manifest = _manifest(name, data, split, fitted.model, golden, measured, reference, part)
    with temporary_folder(path.parent, ".unverified-") as folder:
        candidate = folder / path.name
        write_archive(candidate, manifest=manifest, model=graph, quantiles=part.graph if part else b"")
        found = read_archive(candidate)
        verified = verify(found, split=split, fitted=fitted, outputs=outputs, measured=measured)
        candidate.replace(path)
    return verified


def parity_rows(split: Split) -> NDArray[np.intp]:
    """Selects the test rows on which a bundle is compared with its pipeline."""
    return evenly(len(split.test), PARITY_ROWS)


def verify(
    bundle: Bundle,
    *,
    split: Split,
    fitted: Fitted,
    outputs: Mapping[str, NDArray[Any]],
    measured: MeasuredFit,
) -> VerifiedBundle:
    """Compares a bundle's predictions on test rows with the pipeline's and with the bundle's own manifest.

    Args:
        bundle: The bundle as read back.
        split: Training rows and test rows.
        fitted: The pipeline that ships.
        outputs: Its graph's outputs for the `parity_rows` before the bundle was written, by situation.
        measured: The fit whose figures the bundle states.

    Raises:
        TrainingError: When a probability differs by more than 1e-5 (a value by more than 1e-5 of the largest
            one), or when the manifest states other metrics or golden rows than the bundle has.
    """
    model, manifest = fitted.model, bundle.manifest
    scorer = GraphScorer(bundle.model, manifest.fields)
    rows = parity_rows(split)
    test = split.test.take(rows)
    read_back = graph_outputs(scorer, model, test)
    difference = _checked_difference(fitted, test, read_back)
    check_quantiles(bundle, fitted, test, tolerance=PARITY_TOLERANCE)
    golden = golden_rows(model, split.test, scorer)
    _check_predictions(read_back, outputs, rows)
    if reason := changed_by_reading(manifest, measured.metrics, golden):
        raise TrainingError(f"The bundle that was read back {reason}. No bundle was written.")
    return VerifiedBundle(model=model, bundle=bundle, fitted=fitted, measured=measured, difference=difference)


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
    golden: tuple[Golden, ...],
    measured: MeasuredFit,
    reference: Reference,
    part: QuantilePart | None,
) -> Manifest:
    start, end = data.period
    is_regression = model.task == "regression"
    interval = conformal_interval(split.test.target, measured.outputs) if is_regression else None
    return Manifest(
        name=name,
        task=model.task,
        fields=model.fields,
        labels=model.labels,
        positive_label=model.labels[-1] if model.task == "binary" else None,
        threshold=model.threshold,
        metrics=measured.metrics,
        data=DataSource(
            name=data.name, rows=len(data), start=start, end=end, held_out=data.held_out or UNSET
        ),
        libraries={library: version(library) for library in sorted((*LIBRARIES, *model.libraries))},
        golden=golden,
        reference=reference,
        interval=interval or UNSET,
        quantiles=part.stated if part else UNSET,
    )


def _checked_difference(fitted: Fitted, test: Dataset, graph: Mapping[str, NDArray[Any]]) -> float:
    """Returns the largest difference of the graph's outputs from the pipeline's.

    Raises:
        TrainingError: When it is too large; the message names the first step that differs.
    """
    own = fitted.outputs(test)
    # The graph's values are float32, whose digits are relative to the value; probabilities are at most 1.
    largest = max(1.0, *(float(np.nanmax(np.abs(output), initial=0)) for output in own.values()))
    tolerance = PARITY_TOLERANCE * largest
    differences = {name: np.abs(output - graph[name]).max(axis=1) for name, output in own.items()}
    difference = float(max(found.max() for found in differences.values()))
    for situation in fitted.model.situations:
        differing = np.flatnonzero(differences[situation.name] > tolerance)
        if len(differing):
            rows = test.take(differing[:PARITY_EXAMPLES]).without(situation.absent)
            raise parity_error(
                first_differing_step(fitted, rows, difference),
                difference=difference,
                tolerance=tolerance,
                differing=len(differing),
            )
    return difference
