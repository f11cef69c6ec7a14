"""A run: scores the rows of all files on all cores, part by part, and writes the output."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from bundle import Bundle
from scoring.answer_columns import Answerer, AnswerOptions
from scoring.errors import ScoringError
from scoring.fields.row_errors import ERROR_COLUMNS, RowErrors
from scoring.file_scorer import FileScorer
from scoring.inputs.field_columns import FieldColumns
from scoring.inputs.input_file import find_inputs
from scoring.inputs.input_schema import own_schema
from scoring.inputs.open_input import InputOpener, readable_batches
from scoring.inputs.row_reader import row_reader
from scoring.inputs.rows import InputRows
from scoring.outputs.complete_output import write_whole
from scoring.outputs.finished_parts import Parts, RowCounts, parts_folder, total
from scoring.outputs.output_format import OUTPUT_FORMATS
from scoring.outputs.refused_rows import refused_path
from scoring.outputs.replaced_file import check_replaceable
from scoring.progress_display import RowProgress
from scoring.summary import ScoringSummary, make_summary, misspelt_notes
from serving.settings import usable_processors
from training.flights.sources.source import SourceFile
from training.progress import SILENT

# Changes when the same input gives other parts.
_PARTS_FORMAT = 3
# Rows may wait for a thread until they have so many bytes: the first batches are read during imports.
_WAITING_BYTES = 1 << 26


@dataclass(frozen=True, kw_only=True)
class ScoringJob:
    """The rows to score and how.

    Attributes:
        sources: Paths, patterns or URIs of the input.
        out: Path of the output; its suffix is its format.
        bundle: Bundle of the model.
        options: Options of the answers.
        cache: Folder of downloaded files.
        table: File of the fields of the own table that the model learned from; None for another model.
    """

    sources: tuple[str, ...]
    out: Path
    bundle: Bundle
    options: AnswerOptions
    cache: Path
    table: Path | None = None


class _WaitingPart(NamedTuple):
    """A part in progress: its counts, the share of the input read with it, and the bytes of its rows."""

    counts: Future[RowCounts]
    done: float
    size: int


def score(job: ScoringJob, progress: RowProgress) -> ScoringSummary:
    """Scores all rows, writes the output and returns its summary.

    Raises:
        ScoringError: When an input or an option is wrong.
        TrainingError: When the dates of a file can be read in two ways.
        ModelError: When the model fails.
        OSError: When the output cannot be written.
    """
    files = [file for source in job.sources for file in find_inputs(source, cache=job.cache, progress=SILENT)]
    _check_out(job.out, files)
    answerer = Answerer(job.bundle, job.options)
    job.out.parent.mkdir(parents=True, exist_ok=True)
    with parts_folder(job.out) as folder:
        # The longest of the names; a run of hours must not fail at its end.
        check_replaceable(refused_path(job.out))
        manifest = job.bundle.manifest
        reader = row_reader(manifest.fields, manifest.name, job.table)
        with InputOpener(reader, folder / "unpacked") as opener:
            schemas = ((file.name, opener.open(file)[0].schema) for file in files)
            own = own_schema(schemas, answerer.schema.names)
            run = _Run(job, answerer, opener, progress, own=own)
            parts = Parts(folder, _identity(job, files), OUTPUT_FORMATS[job.out.suffix.lower()])
            summary = run.score(files, parts)
            parts.remove()
    return summary


class _Run:
    """Scores files one after the other."""

    def __init__(
        self,
        job: ScoringJob,
        answerer: Answerer,
        opener: InputOpener,
        progress: RowProgress,
        *,
        own: pa.Schema,
    ) -> None:
        self._job, self._answerer, self._opener, self._progress = job, answerer, opener, progress
        self._own = own
        self._schema = pa.schema([*own, *answerer.schema])
        self._errors = RowErrors(job.bundle.manifest.fields)
        self._counts: list[RowCounts] = []
        self._rows = 0

    def score(self, files: Sequence[SourceFile], parts: Parts) -> ScoringSummary:
        if parts.note:
            self._progress.note(parts.note)
        states = [(file, _state(file)) for file in files]
        sizes = [max(file.path.stat().st_size, 1) for file in files]
        used: dict[str, str] = {}
        notes: list[str] = []
        for position, file in enumerate(files):
            rows, columns = self._opener.open(file)
            used |= {name: columns.source(name) for name in columns.positions}
            for note in misspelt_notes(file.name, columns.misspelt()):
                notes.append(note)
                self._progress.note(note)
            before, share = sum(sizes[:position]) / sum(sizes), sizes[position] / sum(sizes)
            self._score_file(file, rows, columns, parts, (before, share))
        self._progress.end()
        for file, state in states:
            if _state(file) != state:
                raise ScoringError(
                    f"{file.name} changed while it was scored: run the command again when it is whole."
                )
        if not self._rows:
            raise ScoringError(f"{self._described(files)} has no rows below its header.")
        return self._finish(parts, files, used, notes)

    def _described(self, files: Sequence[SourceFile]) -> str:
        return files[0].name if len(files) == 1 else f"Each of the {len(files)} files"

    def _score_file(
        self,
        file: SourceFile,
        rows: InputRows,
        columns: FieldColumns,
        parts: Parts,
        place: tuple[float, float],
    ) -> None:
        scorer = FileScorer(self._answerer, self._errors, file.name, columns, self._own, self._schema)
        first = 0
        with _workers() as (pool, least):
            waiting: deque[_WaitingPart] = deque()
            for batch in readable_batches(rows, file):
                number = len(self._counts) + len(waiting)
                counts = parts.finished(number)
                done = place[0] + place[1] * batch.done
                if counts is None:
                    future = pool.submit(scorer.score, number, first, batch, parts)
                else:
                    future = Future()
                    future.set_result(counts)
                    self._progress.kept(self._rows + counts.rows, done)
                waiting.append(_WaitingPart(future, done, batch.rows.nbytes))
                first += len(batch.rows)
                while waiting and (waiting[0].counts.done() or _is_full(waiting, least)):
                    self._collect(waiting)
            while waiting:
                self._collect(waiting)

    def _collect(self, waiting: "deque[_WaitingPart]") -> None:
        part = waiting.popleft()
        counts = part.counts.result()
        self._counts.append(counts)
        self._rows += counts.rows
        self._progress.show(self._rows, part.done)

    def _finish(
        self, parts: Parts, files: Sequence[SourceFile], used: dict[str, str], notes: list[str]
    ) -> ScoringSummary:
        manifest = self._job.bundle.manifest
        metadata = {"model.name": manifest.name, "model.version": manifest.version}
        has_refused = write_whole(
            self._job.out,
            parts,
            len(self._counts),
            format_=OUTPUT_FORMATS[self._job.out.suffix.lower()],
            schema=self._schema,
            errors=ERROR_COLUMNS,
            metadata=metadata,
        )
        return make_summary(
            out=str(self._job.out),
            inputs=[file.name for file in files],
            manifest=manifest,
            counts=total(self._counts),
            refused_file=str(refused_path(self._job.out)) if has_refused else None,
            columns=used,
            notes=notes,
            seconds=self._progress.seconds,
        )


def _is_full(waiting: Sequence[_WaitingPart], least: int) -> bool:
    return len(waiting) > least and sum(part.size for part in waiting) > _WAITING_BYTES


def _state(file: SourceFile) -> list[Any]:
    """Returns name, size and time of the last change of a file."""
    found = file.path.stat()
    return [file.name, found.st_size, found.st_mtime_ns]


def _identity(job: ScoringJob, files: Sequence[SourceFile]) -> dict[str, Any]:
    manifest = job.bundle.manifest
    return {
        "input": [_state(file) for file in files],
        "model": [manifest.name, manifest.version],
        "options": [*job.options],
        "program": _PARTS_FORMAT,
    } | ({"fields file": job.table.read_text(encoding="utf-8")} if job.table else {})


def _check_out(out: Path, files: Sequence[SourceFile]) -> None:
    for written in (out, refused_path(out)):
        if written.exists() and any(written.samefile(file.path) for file in files):
            raise ScoringError(f"{written} is the input and cannot be the output too: name another file.")


@contextmanager
def _workers() -> Iterator[tuple[ThreadPoolExecutor, int]]:
    """Opens a thread for each core; yields them, and how many batches may always wait."""
    cores = usable_processors()
    pool = ThreadPoolExecutor(cores)
    try:
        yield pool, cores + 1
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
