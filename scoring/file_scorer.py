"""Scorer of one file: a batch of its rows to a finished part."""

import pyarrow as pa

from scoring.answer_columns import Answerer
from scoring.fields.record_reader import ReadRecords, RecordReader
from scoring.fields.row_errors import ERROR_COLUMNS, RowErrors
from scoring.inputs.field_columns import FieldColumns
from scoring.inputs.rows import RowBatch
from scoring.outputs.finished_parts import Parts, RowCounts


class FileScorer:
    """Scores batches of one file, in any thread."""

    def __init__(
        self,
        answerer: Answerer,
        errors: RowErrors,
        name: str,
        columns: FieldColumns,
        own: pa.Schema,
        schema: pa.Schema,
    ) -> None:
        self._answerer, self._errors, self._name, self._columns = answerer, errors, name, columns
        self._own, self._schema = own, schema
        self._reader = RecordReader(errors.fields, columns)

    def score(self, number: int, first: int, batch: RowBatch, parts: Parts) -> RowCounts:
        """Scores a batch and writes its part.

        Args:
            number: Number of the part.
            first: Number of rows of the file before the batch.
            batch: The batch.
            parts: Parts of the output.
        """
        read = self.read(batch)
        rows, counts = self.answered(batch, read)
        parts.write(number, rows, self.errors(first, batch, read), counts)
        return counts

    def read(self, batch: RowBatch) -> ReadRecords:
        """Reads the fields of a batch."""
        return self._reader.read(batch)

    def answered(self, batch: RowBatch, read: ReadRecords) -> tuple[pa.Table, RowCounts]:
        """Returns the rows of a batch with their answers, and their counts."""
        answers = self._answerer.answer(read)
        labels: dict[str, int] = {}
        if pa.types.is_dictionary(answers[0].type):
            found = answers[0].drop_null().value_counts()
            labels = {one["values"]: one["counts"] for one in found.to_pylist()}
        counts = RowCounts(
            rows=len(batch.rows),
            refused=int((~read.valid).sum()),
            labels=labels,
            unreadable=dict(read.unreadable),
        )
        own = [_own_column(batch.rows, field) for field in self._own]
        return pa.table([*own, *answers], names=self._schema.names), counts

    def errors(self, first: int, batch: RowBatch, read: ReadRecords) -> pa.Table:
        """Returns the errors of the rows of a batch that cannot be answered.

        Args:
            first: Number of rows of the file before the batch.
            batch: The batch.
            read: Its rows, read.
        """
        if read.valid.all():
            return ERROR_COLUMNS.empty_table()
        return self._errors.table(self._name, first, batch, read, self._columns)


def _own_column(rows: pa.RecordBatch, field: pa.Field) -> pa.Array:
    """Returns a column in the type that it has in the output; null where the file lacks it."""
    position = rows.schema.get_field_index(field.name)
    if position < 0:
        return pa.nulls(len(rows), field.type)
    column = rows.column(position)
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return column if kind == field.type else column.cast(field.type)
