"""Errors of rows that cannot be answered, in the words of serving."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from bundle import Field
from scoring.columns.python_values import python_values
from scoring.fields.field_values import INVALID
from scoring.fields.record_reader import ReadRecords
from scoring.inputs.field_columns import FieldColumns
from scoring.inputs.rows import RowBatch
from serving.rows.row_validator import ErrorDescriber

ERROR_COLUMNS = pa.schema(
    [
        ("file", pa.string()),
        ("row", pa.int64()),
        ("field", pa.string()),
        ("value", pa.string()),
        ("rule", pa.string()),
    ]
)
_LONGEST_VALUE = 100


class RowErrors:
    """Lists the errors of batches of one model.

    Args:
        fields: Fields of the model.

    Attributes:
        fields: Fields of the model.
    """

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = fields
        self._names = [field.name for field in fields]
        self._describer = ErrorDescriber(fields)

    def table(
        self, file: str, first: int, batch: RowBatch, read: ReadRecords, columns: FieldColumns
    ) -> pa.Table:
        """Returns the errors of a batch in the order of its rows and of the fields.

        Args:
            file: Name of the file.
            first: Number of rows of the file before the batch.
            batch: The batch.
            read: Its rows, read.
            columns: The columns of the file that are fields.
        """
        malformed = np.fromiter(batch.malformed, np.int64, len(batch.malformed))
        rows, fields = [malformed], [np.full(len(malformed), -1)]
        for number, name in enumerate(self._names):
            broken = np.flatnonzero(read.status[name] >= INVALID)
            broken = broken[~np.isin(broken, malformed)]
            rows.append(broken)
            fields.append(np.full(len(broken), number))
        row, field = np.concatenate(rows), np.concatenate(fields)
        order = np.lexsort((field, row))
        errors = [
            self._error(int(place), int(number), batch, read.status, columns)
            for place, number in zip(row[order], field[order], strict=True)
        ]
        found = (
            [
                [file] * len(errors),
                (row[order] + first + 1).tolist(),
                *map(list, zip(*errors, strict=True)),
            ]
            if errors
            else [[]] * len(ERROR_COLUMNS)
        )
        return pa.table(found, schema=ERROR_COLUMNS)

    def _error(
        self,
        row: int,
        number: int,
        batch: RowBatch,
        status: Mapping[str, Any],
        columns: FieldColumns,
    ) -> tuple[str | None, str | None, str]:
        if number < 0:
            return None, None, batch.malformed[row]
        name = self._names[number]
        rule = self._describer.rule(name, given=status[name][row] == INVALID)
        places = columns.positions.get(name, ())
        parts = [python_values(batch.rows.column(place).slice(row, 1))[0] for place in places]
        value = "/".join("" if part is None else _text(part) for part in parts)
        return name, value[:_LONGEST_VALUE] or None, rule


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
