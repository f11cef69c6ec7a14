"""Scorer of the partitions of a Spark job; it runs in the Python processes of the cluster."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bundle import Bundle, Field
from scoring.answer_columns import Answerer, AnswerOptions
from scoring.cluster.file_plan import FilePlan
from scoring.cluster.partition_rows import FILE, PLACE, PartitionRows, file_pieces, lines_of
from scoring.fields.row_errors import RowErrors
from scoring.file_scorer import FileScorer
from scoring.inputs.field_columns import FieldColumns
from scoring.inputs.json_line_rows import JsonLineRows
from scoring.inputs.row_reader import RowReader
from scoring.inputs.rows import RowBatch
from scoring.outputs.finished_parts import RowCounts, total

# A process scores many partitions with one session of the graph.
_answerers: dict[tuple[str, AnswerOptions], Answerer] = {}


@dataclass(frozen=True, kw_only=True)
class ClusterPlan:
    """Values that the driver sends to each worker once.

    Attributes:
        bundle: Bundle of the model.
        reader: Reader of the rows.
        options: Options of the answers.
        own: Own columns of all files together, as the output has them.
        files: Plans of the files by their key.
    """

    bundle: Bundle
    reader: RowReader
    options: AnswerOptions
    own: pa.Schema
    files: Mapping[str, FilePlan]


class PartitionScorer:
    """Answers the rows of a partition.

    Args:
        plan: The plan; its attribute `value` has it, as that of a broadcast variable of Spark.
        counts: Adds up the counts of all partitions, as an accumulator of Spark.
    """

    def __init__(self, plan: Any, counts: Any) -> None:
        self._plan, self._counts = plan, counts

    def answers(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yields the rows with their answers."""
        plan: ClusterPlan = self._plan.value
        schema = pa.schema([*plan.own, *answerer_of(plan.bundle, plan.options).schema])
        for scorer, _, batch in _scored_files(plan, batches):
            rows, counts = scorer.answered(batch, scorer.read(batch))
            self._counts.add(counts)
            yield from rows.cast(schema).to_batches()

    def errors(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yields the errors of the rows that cannot be answered; the model does not run."""
        for scorer, first, batch in _scored_files(self._plan.value, batches):
            yield from scorer.errors(first, batch, scorer.read(batch)).to_batches()


class CountsSum:
    """Adds up counts, in the form of Spark's AccumulatorParam."""

    def zero(self, value: RowCounts) -> RowCounts:
        """Returns the counts of no rows."""
        del value
        return RowCounts(rows=0)

    def addInPlace(self, one: RowCounts, other: RowCounts) -> RowCounts:  # noqa: N802  # Spark's name
        """Returns the sum of two counts."""
        return total([one, other])


class LineTypes:
    """Finds the rows and the types of the columns of JSON Lines files.

    Args:
        fields: Fields of the model.
        is_table: As of `JsonLineRows`.
    """

    # Columns of the batches, as Spark writes their types.
    SCHEMA = f"{FILE} string, {PLACE} bigint, rows bigint, types string"

    def __init__(self, fields: Sequence[Field], *, is_table: bool) -> None:
        self._fields, self._is_table = fields, is_table

    def types(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yields file, offset of the block, number of rows, and the names of types by column as JSON."""
        lines_, started = JsonLineRows(self._fields, is_table=self._is_table), set[tuple[str, int]]()
        for batch in batches:
            for key, place, piece in file_pieces(batch, {}):
                lines = lines_of(piece, place, is_start=(key, place) not in started)
                started.add((key, place))
                types = {name: sorted(found) for name, found in lines_.types(lines).items()}
                yield pa.RecordBatch.from_pydict(
                    {FILE: [key], PLACE: [place], "rows": [len(lines)], "types": [json.dumps(types)]}
                )


def answerer_of(bundle: Bundle, options: AnswerOptions) -> Answerer:
    """Returns the answerer of this process for a bundle."""
    key = bundle.digest, options
    if key not in _answerers:
        _answerers.clear()
        _answerers[key] = Answerer(bundle, options)
    return _answerers[key]


def _scored_files(
    plan: ClusterPlan, batches: Iterable[pa.RecordBatch]
) -> Iterator[tuple[FileScorer, int, RowBatch]]:
    """Yields the scorer of a batch's file, the number of the file's rows before the batch, and the batch."""
    answerer = answerer_of(plan.bundle, plan.options)
    schema = pa.schema([*plan.own, *answerer.schema])
    errors = RowErrors(plan.bundle.manifest.fields)
    scorers: dict[str, FileScorer] = {}
    rows = PartitionRows(plan.files, plan.bundle.manifest.fields, is_table=plan.reader.table is not None)
    for key, first, batch in rows.batches(batches):
        if key not in scorers:
            file = plan.files[key]
            columns = FieldColumns(file.rows, file.name, plan.reader)
            scorers[key] = FileScorer(answerer, errors, file.name, columns, plan.own, schema)
        yield scorers[key], first, batch
