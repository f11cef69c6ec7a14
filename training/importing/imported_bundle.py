"""Writer of an imported model's bundle and page: golden rows, reference, metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from bundle import (
    ARCHIVE,
    DataSource,
    Field,
    Golden,
    Manifest,
    Metrics,
    Reference,
    Task,
    read_archive,
    write_archive,
)
from bundle.texts.counted_noun import counted
from training.data.dataset import Dataset
from training.data.temporary_folder import temporary_folder
from training.errors import TrainingError
from training.evaluation.manifest_metrics import BASELINE, DIGITS
from training.evaluation.metrics import compute_metrics
from training.export.golden_rows import changed_by_reading, golden_rows
from training.export.graph_scorer import GraphScorer
from training.export.reference_statistics import reference_of
from training.importing.import_page import write_import_page
from training.importing.import_report import ImportReport
from training.model import Model

# With fewer rows, ranges and shares would say more about the sample than about the training.
FEWEST_REFERENCE_ROWS = 20
_LIBRARIES = ("numpy", "onnx", "onnxruntime")


@dataclass(frozen=True, kw_only=True)
class ImportedModel:
    """A model whose composed graph predicts as the original does.

    Attributes:
        origin: What it was made by.
        graph: The composed ONNX file.
        fields: Fields of a request.
        labels: Labels; empty in a regression.
        rows: The sample rows.
        answers: Their right answers: positions of labels, or values; None when they are unknown.
        predictions: Outputs of the graph for the sample rows.
        scorer: Runs the graph.
        difference: Largest difference from the original.
        libraries: Versions of the libraries that made the model.
        notes: Sentences for its user.
    """

    origin: str
    graph: bytes
    fields: tuple[Field, ...]
    labels: tuple[str, ...]
    rows: Dataset
    answers: NDArray[Any] | None
    predictions: NDArray[np.float32]
    scorer: GraphScorer
    difference: float
    libraries: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def task(self) -> Task:
        """Task of the model."""
        if not self.labels:
            return "regression"
        return "binary" if len(self.labels) == 2 else "multiclass"

    def declared(self) -> Model:
        """Returns the model as the declaration that golden rows and reference take; it cannot be fitted."""
        return Model(
            task=self.task,
            fields=self.fields,
            labels=self.labels,
            read=_cannot_be_fitted,
            split=_cannot_be_fitted,
            pipeline=_cannot_be_fitted,
        )


def write_imported(out: Path, name: str, imported: ImportedModel) -> ImportReport:
    """Writes the bundle into a folder, reads it back, and writes its page.

    Raises:
        BundleError: When the bundle cannot be read back.
        OSError: When a file cannot be written.
        TrainingError: When the bundle that was read back differs.
    """
    model = imported.declared()
    metrics = _metrics(imported)
    manifest = _manifest(name, imported, model, metrics)
    path = out / ARCHIVE
    with temporary_folder(out, ".unverified-") as folder:
        candidate = folder / ARCHIVE
        write_archive(candidate, manifest=manifest, model=imported.graph)
        found = read_archive(candidate)
        if reason := changed_by_reading(found.manifest, metrics, manifest.golden):
            raise TrainingError(f"The bundle that was read back {reason}. No bundle was written.")
        candidate.replace(path)
    small = len(imported.rows) < FEWEST_REFERENCE_ROWS
    notes = (*imported.notes, *([_small_note(len(imported.rows))] if small else []))
    report = ImportReport(
        model=name,
        version=found.manifest.version,
        path=str(path),
        bytes=path.stat().st_size,
        page="",
        origin=imported.origin,
        task=imported.task,
        labels=imported.labels,
        fields={field.name: _described(field) for field in imported.fields},
        rows=len(imported.rows),
        metrics=metrics.values,
        difference=imported.difference,
        notes=notes,
    )
    return write_import_page(out, report, found.manifest)


def _manifest(name: str, imported: ImportedModel, model: Model, metrics: Metrics) -> Manifest:
    is_binary = model.task == "binary"
    return Manifest(
        name=name,
        task=model.task,
        fields=model.fields,
        labels=model.labels,
        positive_label=model.labels[-1] if is_binary else None,
        threshold=model.threshold,
        metrics=metrics,
        data=DataSource(
            name=f"unknown rows ({imported.origin}), imported with the sample {imported.rows.name}",
            rows=len(imported.rows),
        ),
        libraries={library: version(library) for library in _LIBRARIES} | dict(imported.libraries),
        golden=_golden_rows(imported, model),
        reference=_reference(imported, model) or UNSET,
    )


def _golden_rows(imported: ImportedModel, model: Model) -> tuple[Golden, ...]:
    """Returns golden rows, one of them with the required fields only.

    Raises:
        TrainingError: When the prediction of one is not a number.
    """
    rows = golden_rows(model, imported.rows, imported.scorer)
    for row in rows:
        if any(value != value for value in row.prediction.values()):  # NaN alone differs from itself
            optional = [field.name for field in model.fields if field.name not in row.instance]
            raise TrainingError(
                f"The model's prediction is not a number (NaN) without the optional fields "
                f"{', '.join(optional)}: give them required = true in table.toml or values in all sample "
                "rows, or import a pipeline that replaces absent values."
            )
    return rows


def _reference(imported: ImportedModel, model: Model) -> Reference | None:
    if len(imported.rows) < FEWEST_REFERENCE_ROWS:
        return None
    return reference_of(model, imported.rows, {model.situations[0].name: imported.predictions}, None)


def _metrics(imported: ImportedModel) -> Metrics:
    if imported.answers is None:
        return Metrics(split="Not measured: the right answers of the sample rows are not known.", values={})
    target = imported.answers
    size = len(target)
    if imported.labels:
        shares = np.bincount(target, minlength=len(imported.labels)) / size
    else:
        shares = np.array([target.mean()])
    values = compute_metrics(imported.task, target, imported.predictions)
    always = compute_metrics(imported.task, target, np.tile(shares, (size, 1)))
    values |= {f"{name}_{BASELINE}": value for name, value in always.items()}
    if imported.labels:
        values["base_rate"] = float(shares[1] if imported.task == "binary" else shares.max())
    return Metrics(
        split=f"The {size:,} rows of {imported.rows.name}, which were given at the import. Whether the model "
        "learned from them is not known; if it did, the figures are too good. Without suffix: all fields, "
        f"_{BASELINE}: always the mean of these rows.",
        values={name: round(value, DIGITS) for name, value in values.items()},
    )


def _described(field: Field) -> str:
    return field.type if field.required else f"{field.type}, optional"


def _small_note(rows: int) -> str:
    return (
        f"With {counted(rows, 'sample row')} the bundle has no reference, so answers have no warnings and no "
        f"reasons: import it with at least {FEWEST_REFERENCE_ROWS} rows, best those of the training."
    )


def _cannot_be_fitted(*_: Any) -> Any:
    raise TrainingError("An imported model cannot be trained again: train it with its own tool.")
