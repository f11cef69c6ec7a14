"""Rows of a Parquet file."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from scoring.columns.text_types import plain_column, plain_type
from scoring.errors import ScoringError
from scoring.inputs.input_file import unique_names
from scoring.inputs.rows import ROWS_A_PART, RowBatch

# Bytes that the values of a batch may take, as the file's metadata state them.
_BATCH_BYTES = 1 << 27


class ParquetRows:
    """A Parquet file; texts are read as dictionaries, which saves decoding and encoding them again.

    Args:
        path: The file.
        name: Its name in messages.
        folders: Columns with one value for all rows, unless the file has them.

    Raises:
        ScoringError: When it is damaged.
    """

    decides_commas = True
    is_plain = True

    def __init__(self, path: Path, name: str, folders: Mapping[str, pa.Scalar]) -> None:
        self._path, self._name = path, name
        try:
            schema = pq.read_schema(path)
        except (pa.ArrowException, OSError) as error:
            raise self._unreadable(error) from error
        self._folders = {key: value for key, value in folders.items() if key not in schema.names}
        for key, value in self._folders.items():
            schema = schema.append(pa.field(key, value.type))
        self.header: Sequence[str] = schema.names
        new_names = zip(unique_names(schema.names), schema, strict=True)
        self.schema = pa.schema([pa.field(new, plain_type(field.type)) for new, field in new_names])
        texts = [f.name for f in schema if pa.types.is_string(plain_type(f.type))]
        self._texts = [one for one in texts if schema.names.count(one) == 1 and one not in self._folders]

    def batches(self) -> Iterator[RowBatch]:
        """Yields all rows.

        Raises:
            ScoringError: When the file is damaged.
        """
        try:
            with pq.ParquetFile(self._path, read_dictionary=self._texts, pre_buffer=False) as file:
                read, total = 0, file.metadata.num_rows
                for batch in file.iter_batches(batch_size=self._batch_rows(file.metadata)):
                    read += len(batch)
                    columns = [*map(plain_column, batch.columns), *self._same(len(batch))]
                    named = pa.RecordBatch.from_arrays(columns, names=self.schema.names)
                    yield RowBatch(rows=named, done=read / total)
        except (pa.ArrowException, OSError) as error:
            raise self._unreadable(error) from error

    def distinct(self, position: int) -> Iterator[Any]:
        """Yields the distinct values of a column; raises as `batches`."""
        if (place := position - len(self.header) + len(self._folders)) >= 0:
            yield self._same(1)[place]
            return
        try:
            with pq.ParquetFile(self._path) as file:
                for batch in file.iter_batches(columns=[self.header[position]]):
                    yield plain_column(batch.column(0)).unique()
        except (pa.ArrowException, OSError) as error:
            raise self._unreadable(error) from error

    def _same(self, rows: int) -> list[pa.Array]:
        return [pa.repeat(value, rows) for value in self._folders.values()]

    def _batch_rows(self, metadata: Any) -> int:
        size = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
        fitting = int(_BATCH_BYTES * metadata.num_rows / size) if size else ROWS_A_PART
        return max(1, min(ROWS_A_PART, fitting))

    def _unreadable(self, error: Exception) -> ScoringError:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        return ScoringError(f"{self._name} cannot be read as Parquet ({reason}): copy or download it again.")
