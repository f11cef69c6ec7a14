"""Fields of a table whose target nobody knows: the cells of a file, read as in training."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from bundle import Field
from training.errors import TrainingError
from training.tables.columns.cells import INFINITE, cells_of
from training.tables.columns.column_names import unique_headers
from training.tables.columns.column_values import present_cells, readable_values
from training.tables.columns.fields_file import read_table_file
from training.tables.columns.table_column import TableColumn

# No number, day or time, so that the row is refused.
_UNREADABLE = "?"


class UnlabelledTable:
    """Reads the fields of one file's rows, some distinct values of a column at a time.

    Args:
        kept: Columns of the table that the model learned from.
        header: Names of the columns in the file.
        name: The file's name in messages.
        fields: Fields of the model.

    Attributes:
        columns: Name of the column that makes a field, by its name; those of a time that is no column of its
            own are the column of its day too.
        numbers: Names of the fields whose texts are numbers with points; none, because the table's notation
            is kept.
        decided_by_file: Names of the fields whose values all texts of a file decide; none for the same
            reason.

    Raises:
        TrainingError: When a required field has no column.
    """

    numbers: Sequence[str] = ()
    decided_by_file: Sequence[str] = ()

    def __init__(
        self, kept: Sequence[TableColumn], header: Sequence[str], name: str, fields: Sequence[Field]
    ) -> None:
        by_field = {column.field.name: column for column in kept}
        written = dict(zip(unique_headers(header), header, strict=True))
        self._columns = {
            field.name: column
            for field in fields
            if (column := by_field.get(field.name)) and column.name in written
        }
        self.columns: Mapping[str, tuple[str, ...]] = {
            field: (written[column.name],) for field, column in self._columns.items()
        }
        for field in fields:
            if field.required and field.name not in self.columns and field.name not in header:
                wanted = by_field[field.name].name if field.name in by_field else field.name
                raise TrainingError(
                    f"{name} has no column {wanted!r}: name the columns of its header as those of the table "
                    "that the model learned from."
                )

    def reader(self) -> Callable[[str, pa.Array], pa.Array]:
        """Returns a function from the name of a field and raw values to texts of its values, for any thread.

        A cell that training would refuse becomes a text that is no value of the field.
        """
        return self._read

    def is_absent(self, raw: pa.Array) -> pa.Array:
        """Returns which raw values without a value stand for an absent one: all but infinite numbers."""
        if pa.types.is_floating(raw.type):
            return pc.invert(pc.fill_null(pc.is_inf(raw), fill_value=False))
        is_text = pa.types.is_string(raw.type) or pa.types.is_large_string(raw.type)
        if not is_text:
            return pa.array(np.ones(len(raw), dtype=bool))
        texts = pc.utf8_trim_whitespace(raw)
        return pc.invert(pc.is_in(texts, pa.array(INFINITE, texts.type)))

    def _read(self, field: str, raw: pa.Array) -> pa.Array:
        column = self._columns[field]
        cells = present_cells(column, cells_of(pa.chunked_array([raw])))
        values = np.asarray(readable_values(column, cells), dtype=object)
        is_boolean = column.field.type == "boolean"
        return pa.array(
            [
                None if gone else _UNREADABLE if pd.isna(value) else _text(value, is_boolean=is_boolean)
                for value, gone in zip(values.tolist(), cells.absent.tolist(), strict=True)
            ],
            pa.string(),
        )


@dataclass(frozen=True)
class KeptColumns:
    """Columns of the table that a model learned from.

    Attributes:
        columns: Those that are fields.
    """

    columns: tuple[TableColumn, ...]

    @property
    def names(self) -> frozenset[str]:
        """Their names in the table."""
        return frozenset(column.name for column in self.columns)

    def headers(self, header: Sequence[str]) -> list[str]:
        """Returns the names of a file's columns, as those of the table: a repeated one has a number."""
        return unique_headers(header)

    def reader(self, header: Sequence[str], name: str, fields: Sequence[Field], *_: Any) -> UnlabelledTable:
        """Returns the reader of one file; arguments and errors as of `UnlabelledTable`."""
        return UnlabelledTable(self.columns, header, name, fields)


def kept_columns(path: Path) -> KeptColumns | None:
    """Reads the columns of the table that a model learned from.

    Args:
        path: The file of the fields that training wrote; None is returned unless it is of a table.

    Raises:
        TrainingError: When the file is wrong.
    """
    content = read_table_file(path)
    if "target" not in content.settings:
        return None
    return KeptColumns(tuple(column for column in content.columns if not column.left_out))


def _text(value: Any, *, is_boolean: bool) -> str:
    if is_boolean:
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    return str(value)
