"""Rows of a partition of a Spark job: batches of files, as the engine of one machine has them."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bundle import Field
from scoring.cluster.file_plan import FilePlan, InputForm, file_key
from scoring.errors import ScoringError
from scoring.inputs.json_line_rows import JsonLineRows
from scoring.inputs.rows import RowBatch
from serving.rows.csv_rows import too_many_cells
from serving.rows.json_document import UTF8_MARK
from training.data.file_format import is_comment

# Columns that Spark adds behind those of the file: a record that does not fit the header, the row's number
# (Parquet) or the offset of its block (JSON Lines), and the URL of the file.
RECORD, PLACE, FILE = "record", "place", "file"
ADDED = (RECORD, PLACE, FILE)
# Spark replaces bytes that are invalid in the encoding by this character.
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"


class PartitionRows:
    """Splits the batches of a partition into those of its files.

    Args:
        plans: Plans of the files by their key.
        fields: Fields of the model.
        is_table: As of `JsonLineRows`.
    """

    def __init__(self, plans: Mapping[str, FilePlan], fields: Sequence[Field], *, is_table: bool) -> None:
        self._plans = plans
        self._lines = JsonLineRows(fields, is_table=is_table)
        self._seen: Counter[tuple[str, int]] = Counter()
        # Records before the rows of a CSV file that have been left out.
        self._before: Counter[str] = Counter()

    def batches(self, batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[str, int, RowBatch]]:
        """Yields the key of a file, the number of its rows before a batch, and the batch."""
        for batch in batches:
            for key, place, piece in file_pieces(batch, self._plans):
                plan = self._plans[key]
                if plan.form == InputForm.PARQUET:
                    first, found = place, _parquet(piece, plan)
                elif plan.form == InputForm.CSV:
                    first, found = self._csv(key, piece, plan)
                else:
                    first, found = self._json(key, place, piece, plan)
                if len(found.rows):
                    yield key, first, found

    def _csv(self, key: str, piece: pa.RecordBatch, plan: FilePlan) -> tuple[int, RowBatch]:
        left = max(0, plan.records_before - self._before[key])
        self._before[key] += min(left, len(piece))
        piece = piece.slice(min(left, len(piece)))
        width = len(plan.rows.header)
        # Spark keeps the record of each row of another width.
        piece = piece.filter(
            pa.array(
                [
                    record is None or not is_comment(record, _cells(record, plan.delimiter), width)
                    for record in piece.column(RECORD).to_pylist()
                ],
                pa.bool_(),
            )
        )
        malformed = {}
        for position, record in enumerate(piece.column(RECORD).to_pylist()):
            if record is not None and (cells := _cells(record, plan.delimiter)) > width:
                malformed[position] = too_many_cells(cells, width).rule
        first = self._seen[key, 0]
        self._seen[key, 0] += len(piece)
        columns = [pc.fill_null(column, "") for column in piece.columns[: -len(ADDED)]]
        if plan.is_utf8 and any(
            pc.any(pc.match_substring(column, _UNREADABLE)).as_py() for column in columns
        ):
            raise ScoringError(
                f"{plan.name} has characters that Spark cannot read as UTF-8: score it without --engine "
                "spark, which finds the encoding of a whole file, or save it as UTF-8."
            )
        rows = pa.RecordBatch.from_arrays(columns, schema=plan.rows.schema)
        return first, RowBatch(rows=rows, done=0.0, malformed=malformed)

    def _json(self, key: str, place: int, piece: pa.RecordBatch, plan: FilePlan) -> tuple[int, RowBatch]:
        is_start = (key, place) not in self._seen
        lines = lines_of(piece, place, is_start=is_start)
        first = plan.rows_before[place] + self._seen[key, place]
        self._seen[key, place] += len(lines)
        return first, self._lines.batch(lines, plan.rows.schema, 0.0)


def file_pieces(
    batch: pa.RecordBatch, plans: Mapping[str, FilePlan]
) -> Iterator[tuple[str, int, pa.RecordBatch]]:
    """Yields the key of a file, the place of the first row, and rows that follow each other in the file."""
    if not len(batch):
        return
    files = batch.column(FILE).dictionary_encode()
    keys = [file_key(url) for url in files.dictionary.to_pylist()]
    codes, places = files.indices.to_numpy(), batch.column(PLACE).to_numpy()
    steps = np.array([key in plans and plans[key].form == InputForm.PARQUET for key in keys])[codes[1:]]
    breaks = np.flatnonzero((np.diff(codes) != 0) | (np.diff(places) != steps)) + 1
    for start, end in zip([0, *breaks], [*breaks, len(batch)], strict=True):
        yield keys[codes[start]], int(places[start]), batch.slice(start, end - start)


def lines_of(piece: pa.RecordBatch, place: int, *, is_start: bool) -> list[bytes]:
    """Returns the lines of JSON without blank ones.

    Args:
        piece: Rows whose first column has the lines.
        place: Offset of their block.
        is_start: Whether the lines are the first of the block.
    """
    lines: list[Any] = piece.column(0).cast(pa.binary()).to_pylist()
    if is_start and not place and lines:
        lines[0] = lines[0].removeprefix(UTF8_MARK)
    return [line.strip(b"\r\n") for line in lines if line.strip()]


def _parquet(piece: pa.RecordBatch, plan: FilePlan) -> RowBatch:
    schema = plan.rows.schema
    columns = [
        column.cast(one.type) if not pa.types.is_nested(one.type) and column.type != one.type else column
        for column, one in zip(piece.columns[: -len(ADDED)], schema, strict=True)
    ]
    return RowBatch(rows=pa.RecordBatch.from_arrays(columns, names=schema.names), done=0.0)


def _cells(record: str, delimiter: str) -> int:
    return len(next(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter), ()))
