"""Import of a trained model: reads it, composes its graph, verifies it on sample rows, writes the bundle."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bundle import Columns
from training.data.model_inputs import graph_tensors
from training.errors import TrainingError
from training.export.graph_scorer import GraphScorer
from training.importing.column_matching import Matching, match_columns
from training.importing.fields import corrected_fields, graph_columns, sample_fields, write_fields
from training.importing.graphs.composed_graph import compose
from training.importing.graphs.foreign_graph import (
    foreign_graph,
)
from training.importing.graphs.graph_run_checks import check_numbers, check_run, check_single_row
from training.importing.graphs.label_names import label_text
from training.importing.graphs.output_meaning import OutputMeaning, output_meaning
from training.importing.import_report import ImportReport
from training.importing.imported_bundle import ImportedModel, write_imported
from training.importing.original_graph import OriginalGraph
from training.importing.parity import check_parity
from training.importing.readers.foreign_model import ForeignModel, Original
from training.importing.readers.model_file import read_model
from training.importing.sample import Sample, read_sample
from training.importing.sample_targets import Answers, plain_label, read_answers
from training.progress import Progress
from training.tables.columns.fields_file import FIELDS_FILE


@dataclass(frozen=True, kw_only=True)
class ImportJob:
    """Input of one import.

    Attributes:
        model: The model's file or folder.
        rows: File of sample rows; None for the example that an MLflow folder has.
        name: Name of the model.
        out: Folder of the bundle.
        target: Column of the right answers; "" for none.
        labels: Labels in the order of the probabilities; empty for those of the file.
        trust: Whether to load a file whose loading runs code.
    """

    model: Path
    rows: Path | None
    name: str
    out: Path
    target: str = ""
    labels: tuple[str, ...] = ()
    trust: bool = False


def import_model(job: ImportJob, progress: Progress) -> ImportReport:
    """Imports a model, and reports on it.

    Raises:
        TrainingError: When the model or the rows cannot be used, or the predictions differ.
        OSError: When the folder cannot be written.
    """
    progress.step(f"reading the sample rows: {job.rows or 'the example of the folder'}")
    sample = read_sample(job.rows, job.target) if job.rows else None
    progress.step(f"reading the model: {job.model}")
    model, sample = read_model(job.model, sample, trust=job.trust)
    progress.step(f"{model.origin}; composing its graph, and comparing predictions of {len(sample):,} rows")
    imported = _first_exact(model, sample, job)
    progress.step("writing the bundle")
    report = write_imported(job.out, job.name, imported)
    write_fields(job.out / FIELDS_FILE, imported.fields)
    return report


def _first_exact(model: ForeignModel, sample: Sample, job: ImportJob) -> ImportedModel:
    """Composes the first conversion that predicts as the original does."""
    try:
        return composed(model, sample, job)
    except TrainingError as error:
        for alternative in model.alternatives:
            with suppress(TrainingError):
                return composed(alternative(), sample, job)
        raise error from None


def composed(model: ForeignModel, sample: Sample, job: ImportJob) -> ImportedModel:
    """Composes the graph of a model for serving, and verifies it on sample rows.

    Raises:
        TrainingError: As `import_model`.
    """
    graph, model = foreign_graph(model.model), model.named_as(sample.typed)
    sample = sample.with_words(model.words, model.number_words).with_texts([*model.texts])
    matching = match_columns(graph.inputs, sample.words, model.columns, model.tensors, target=sample.target)
    matching = replace(matching, kinds={**matching.kinds, **model.kinds})
    try:
        inferred, rows = sample_fields(sample, matching.kinds, model.known, model.texts)
    except TrainingError as error:
        raise TrainingError(f"{error} {matching.assumed}".rstrip()) from error
    fields = corrected_fields(job.out / FIELDS_FILE, inferred, rows)
    untouched = OriginalGraph(graph, matching)
    outputs = untouched.outputs(graph_columns(inferred, rows))
    meaning = output_meaning(graph.model, outputs, labels=job.labels or model.labels, answers=sample.answers)
    content = compose(graph, matching, meaning, Columns(fields))
    tensors = graph_tensors(fields, rows)
    check_run(content, tensors, graph)
    scorer = GraphScorer(content, fields)
    predictions = scorer.score(tensors)
    check_numbers(predictions)
    check_single_row(scorer, tensors, predictions, graph)

    def original(rounded: bool) -> NDArray[Any]:
        if model.original:
            return _in_library(model.original, sample, matching, rounded, exact=model.looked_up)
        exact = {name: _as_float32(values) if rounded else values for name, values in rows.columns.items()}
        return meaning.read(untouched.outputs(exact))

    parity = check_parity(predictions, original, labels=meaning.labels, cure=model.cure)
    answers = read_answers(sample.answers, meaning.labels)
    notes = (
        *model.notes,
        matching.assumed,
        *meaning.notes,
        *_notes(sample, matching, outputs, meaning, answers),
    )
    return ImportedModel(
        origin=model.origin,
        graph=content,
        fields=fields,
        labels=meaning.labels,
        rows=rows,
        answers=answers.target,
        predictions=predictions,
        scorer=scorer,
        difference=parity.difference,
        libraries=dict(model.libraries),
        notes=tuple(note for note in (*notes, parity.note, answers.note) if note),
    )


def _in_library(
    original: Original, sample: Sample, matching: Matching, rounded: bool, *, exact: Collection[str]
) -> NDArray[Any]:
    names = [name for columns in matching.columns.values() for name in columns]
    frame = sample.typed[names].rename(columns=dict(matching.original_names))
    kept = {matching.original_names[name] for name in exact if name in matching.original_names}
    numeric = [name for name in frame if frame[name].dtype.kind == "f" and name not in kept]
    kind = np.float32 if rounded else np.float64
    # scikit-learn's trees refuse pandas' columns of float32, which are read-only.
    return original(frame.assign(**{name: frame[name].astype(kind).astype(np.float64) for name in numeric}))


def _as_float32(values: Any) -> Any:
    return values.astype(np.float32).astype(np.float64) if values.dtype.kind == "f" else values


def _notes(
    sample: Sample,
    matching: Matching,
    outputs: dict[str, Any],
    meaning: OutputMeaning,
    answers: Answers,
) -> list[str]:
    notes = []
    if matching.unused:
        columns = "column" if len(matching.unused) == 1 else "columns"
        hint = "" if answers.given else "; if one has the right answers, name it with --target"
        notes.append(
            f"The model does not take the {columns} {', '.join(matching.unused)} of {sample.name}{hint}."
        )
    if meaning.label_output and meaning.labels:
        predicted = np.asarray(outputs[meaning.label_output]).reshape(-1).tolist()
        shown = [plain_label(label_text(label)) for label in predicted]
        best = [plain_label(meaning.labels[at]) for at in meaning.read(outputs).argmax(axis=1)]
        other = sum(one != two for one, two in zip(shown, best, strict=True))
        # Labels that the user names differ from those of the graph.
        if other and {*shown} <= {*map(plain_label, meaning.labels)}:
            reason = (
                "it has another threshold than one half; a request may name it as threshold"
                if len(meaning.labels) == 2
                else "the bundle answers with the most probable one"
            )
            notes.append(
                f"The model's own label differs from the most probable one in {other:,} of {len(best):,} "
                f"rows: {reason}."
            )
    return notes
