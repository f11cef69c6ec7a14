"""Rows from a CSV file whose columns are a model's fields, on this machine or at a URL."""

import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bundle import Field
from bundle.rows import value_type
from training.data.dataset import Dataset
from training.data.download import local_file
from training.data.request import SAMPLE, DataRequest
from training.errors import TrainingError

KINDS = (SAMPLE, "path or URL of a CSV file, as it is or in a .gz or .zip")

_UNREADABLE = (OSError, EOFError, UnicodeDecodeError, pd.errors.ParserError, zipfile.BadZipFile, zlib.error)


def sample_or_table(
    sample: Callable[[], Dataset],
    *,
    fields: Sequence[Field],
    target: str,
    labels: Mapping[str, int],
    columns: Mapping[str, str] | None = None,
) -> Callable[[DataRequest], Dataset]:
    """A reader of a model's sample, or of a CSV file with a header that the user names.

    Args:
        sample: Makes the sample.
        fields: The model's; an ignored one is not read.
        target: Name of the column with the right answers.
        labels: What is in that column, and the position of the label that it means.
        columns: Names of columns that are not their fields', by the field's name.
    """
    names = {field.name: (columns or {}).get(field.name, field.name) for field in fields}

    def read(request: DataRequest) -> Dataset:
        if request.source == SAMPLE:
            return sample()
        table = _Table(request, [names[field.name] for field in fields if not field.ignored], target)
        return table.dataset({names[field.name]: field for field in fields if not field.ignored}, labels)

    return read


class _Table:
    """The text of a file's cells, column by column."""

    def __init__(self, request: DataRequest, columns: Sequence[str], target: str) -> None:
        self._source, self._target = request.source, target
        wanted = [*columns, target]
        self._cells = self._read(request)
        missing = [name for name in wanted if name not in self._cells]
        if missing:
            raise TrainingError(
                f"{self._source} has no column {missing[0]!r}: its header must name {', '.join(wanted)}."
            )
        if self._cells.empty:
            raise TrainingError(f"{self._source} has no rows below its header.")
        if not isinstance(self._cells.index, pd.RangeIndex):
            raise TrainingError(f"{self._source} has rows of more cells than its header.")

    def _read(self, request: DataRequest) -> pd.DataFrame:
        try:
            # All columns: told of some, pandas no longer minds rows that are longer than the header.
            return pd.read_csv(local_file(request), dtype=str, keep_default_na=False)
        except (*_UNREADABLE, ValueError) as error:
            sentence = str(error).strip().partition("\n")[0].rstrip(".")
            raise TrainingError(f"{self._source} cannot be read as a CSV file ({sentence}).") from error

    def dataset(self, fields: Mapping[str, Field], labels: Mapping[str, int]) -> Dataset:
        """The rows that have all that is required; the others are counted.

        Args:
            fields: The model's, by the name of their column.
            labels: As `sample_or_table` has them.

        Raises:
            TrainingError: When a cell holds what its field refuses, or no row is left.
        """
        kept = np.ones(len(self._cells), dtype=bool)
        dropped: dict[str, int] = {}
        for column, field in fields.items():
            cells = self._cells[column]
            absent = cells.str.strip() == "" if field.required else np.zeros(len(cells), dtype=bool)
            too_long = cells.str.len() > field.longest if field.type == "text" else absent & False
            for reason, rows in ((f"no {column}", absent), (f"{column} too long", too_long)):
                dropped[reason] = int((kept & rows).sum())
                kept &= ~np.asarray(rows)
        self._cells = self._cells[kept]
        if self._cells.empty:
            raise TrainingError(f"{self._source} has no row with all that is required.")
        return Dataset(
            name=self._source,
            columns={field.name: self._values(column, field) for column, field in fields.items()},
            target=self._answers(labels),
            dropped={reason: rows for reason, rows in dropped.items() if rows},
        )

    def _values(self, column: str, field: Field) -> NDArray[Any]:
        kind, absent = value_type(field), np.nan if field.is_number else None

        def read(cell: str) -> Any:
            # As a request that spells the value in text.
            return msgspec.convert(cell, kind, strict=False) if cell else absent

        strip = field.type not in ("string", "text")
        values = self._mapped(column, lambda cell: read(cell.strip() if strip else cell))
        dtype = {"date": "datetime64[D]"}.get(field.type, np.float64 if field.is_number else object)
        return np.array(values, dtype=dtype)

    def _answers(self, labels: Mapping[str, int]) -> NDArray[np.int64]:
        def read(cell: str) -> int:
            if cell.strip() not in labels:
                raise msgspec.ValidationError(f"the answers are {', '.join(labels)}")
            return labels[cell.strip()]

        return np.array(self._mapped(self._target, read), dtype=np.int64)

    def _mapped(self, column: str, read: Callable[[str], Any]) -> list[Any]:
        """The column's values, each distinct cell read once."""
        codes, distinct = pd.factorize(self._cells[column])
        values = []
        for code, cell in enumerate(distinct):
            try:
                values.append(read(cell))
            except msgspec.ValidationError as error:
                row = self._cells.index[int(np.argmax(codes == code))] + 1
                raise TrainingError(
                    f"{self._source}, row {row} below the header: {cell[:50]!r} is wrong in column "
                    f"{column!r} ({error})."
                ) from error
        return [values[code] for code in codes]
