"""Reader of a CSV file, local or at a URL, whose columns are a model's fields."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.io.common import get_handle

from bundle import Field
from bundle.rows import value_type
from training.data.data_options import SAMPLE, DataOptions
from training.data.dataset import Dataset
from training.data.download import local_file
from training.data.file_format import (
    DECIMAL_COMMA,
    GROUPED,
    POINTS,
    SAMPLE_BYTES,
    ambiguous_comma,
    text_format,
)
from training.errors import TrainingError

TABLE_SOURCES = (SAMPLE, "path or URL of a CSV file, as it is or in a .gz or .zip")

_UNREADABLE = (OSError, EOFError, UnicodeDecodeError, pd.errors.ParserError, zipfile.BadZipFile, zlib.error)


def sample_or_table(
    sample: Callable[[], Dataset],
    *,
    fields: Sequence[Field],
    target: str,
    labels: Mapping[str, int],
    columns: Mapping[str, str] | None = None,
) -> Callable[[DataOptions], Dataset]:
    """Makes the reader of a model's sample, or of a CSV file with a header.

    Args:
        sample: Makes the sample.
        fields: The model's fields; an ignored one is not read.
        target: Name of the column with the labels.
        labels: Position of the label by the text in that column.
        columns: Names of columns that differ from their fields' names, by field name.
    """
    names = {field.name: (columns or {}).get(field.name, field.name) for field in fields}

    def read(options: DataOptions) -> Dataset:
        if options.source == SAMPLE:
            return sample()
        table = _Table(options, [names[field.name] for field in fields if not field.ignored], target)
        return table.dataset({names[field.name]: field for field in fields if not field.ignored}, labels)

    return read


class _Table:
    """A CSV file whose cells are text."""

    def __init__(self, options: DataOptions, columns: Sequence[str], target: str) -> None:
        self._source, self._target = options.source, target
        wanted = [*columns, target]
        self._cells = self._read(options, wanted)
        missing = [name for name in wanted if name not in self._cells]
        if missing:
            raise TrainingError(
                f"{self._source} has no column {missing[0]!r}: its header must name {', '.join(wanted)}."
            )
        if self._cells.empty:
            raise TrainingError(f"{self._source} has no rows below its header.")
        if not isinstance(self._cells.index, pd.RangeIndex):
            raise TrainingError(f"{self._source} has rows of more cells than its header.")

    def _read(self, options: DataOptions, wanted: Sequence[str]) -> pd.DataFrame:
        try:
            with get_handle(local_file(options), "rb", compression="infer", is_text=False) as handles:
                content = bytes(handles.handle.read())
            form = text_format(content[:SAMPLE_BYTES], self._source, lambda names: len({*names} & {*wanted}))
            if form.encoding == "latin-1":
                raise TrainingError(
                    f"{self._source} cannot be read as a CSV file (its text is neither UTF-8 nor UTF-16): "
                    "save it as UTF-8."
                )
            # All columns: with usecols, pandas accepts rows that are longer than the header.
            return pd.read_csv(
                io.BytesIO(content),
                sep=form.delimiter,
                encoding=form.encoding,
                skiprows=form.lines_before,
                dtype=str,
                keep_default_na=False,
            )
        except (*_UNREADABLE, ValueError) as error:
            sentence = str(error).strip().partition("\n")[0].rstrip(".")
            raise TrainingError(f"{self._source} cannot be read as a CSV file ({sentence}).") from error

    def dataset(self, fields: Mapping[str, Field], labels: Mapping[str, int]) -> Dataset:
        """Converts the rows with all required values, and counts the others.

        Args:
            fields: The model's fields by the name of their column.
            labels: Position of the label by its text.

        Raises:
            TrainingError: When a cell has a value that its field does not accept, or no row is left.
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
        self._cells = self._with_points([name for name, field in fields.items() if field.is_number])[kept]
        if self._cells.empty:
            raise TrainingError(f"{self._source} has no row with a value in every required column.")
        return Dataset(
            name=self._source,
            columns={field.name: self._values(column, field) for column, field in fields.items()},
            target=self._labels(labels),
            dropped={reason: rows for reason, rows in dropped.items() if rows},
        )

    def _with_points(self, numbers: Sequence[str]) -> pd.DataFrame:
        """Returns the cells with decimal points, where the numbers of the file have decimal commas.

        Raises:
            TrainingError: When every comma may separate thousands or decimals.
        """
        commas = {name: cells[cells.str.contains(",")] for name, cells in self._cells[[*numbers]].items()}
        found = pd.concat([*commas.values()]) if commas else pd.Series(dtype=str)
        if found.empty or not found.str.match(DECIMAL_COMMA).all():
            return self._cells
        if found.str.match(GROUPED).all():
            column = next(str(name) for name, cells in commas.items() if len(cells))
            raise ambiguous_comma(self._source, commas[column].iloc[0], column)

        def with_point(cell: str) -> str:
            return (cell.replace(".", "") if re.search(POINTS, cell) else cell).replace(",", ".")

        return self._cells.assign(**{name: self._cells[name].map(with_point) for name in numbers})

    def _values(self, column: str, field: Field) -> NDArray[Any]:
        kind, absent = value_type(field), np.nan if field.is_number else None

        def read(cell: str) -> Any:
            # msgspec converts texts as in a request with numbers in quotes.
            return msgspec.convert(cell, kind, strict=False) if cell else absent

        strip = field.type not in ("string", "text")
        values = self._mapped(column, lambda cell: read(cell.strip() if strip else cell))
        dtype = {"date": "datetime64[D]"}.get(field.type, np.float64 if field.is_number else object)
        return np.array(values, dtype=dtype)

    def _labels(self, labels: Mapping[str, int]) -> NDArray[np.int64]:
        def read(cell: str) -> int:
            if cell.strip() not in labels:
                raise msgspec.ValidationError(f"the labels are {', '.join(labels)}")
            return labels[cell.strip()]

        return np.array(self._mapped(self._target, read), dtype=np.int64)

    def _mapped(self, column: str, read: Callable[[str], Any]) -> list[Any]:
        """Converts the column's cells, each distinct one once."""
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
