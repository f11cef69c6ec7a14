"""Parquet files, read column by column, so that only one is in memory twice."""

from collections.abc import Iterator, Sequence
from io import BufferedReader, BytesIO, FileIO
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset
import pyarrow.parquet as pq

from training.errors import TrainingError
from training.tables.columns.cells import Cells, cells_of
from training.tables.columns.column_names import unique_headers
from training.tables.files.opened_file import OpenedFile
from training.tables.files.parquet_folder import parquet_files, partitions


class ParquetFiles:
    """A Parquet file, or a folder of them as Spark and others write it.

    A file that lacks a column of the folder has no values in it.

    Args:
        file: The file or folder.

    Raises:
        TrainingError: When the folder has no Parquet file.
        pa.ArrowException: When a file is damaged, or has a column of another type than the others.
    """

    def __init__(self, file: OpenedFile) -> None:
        self._folders: dict[str, Any] = {}
        if file.path.is_dir():
            self._files = self._of_folder(file)
        else:
            self._files = _of_file(file)
        written = [*self._files.schema.names, *self._folders]
        self._fields = dict(zip(unique_headers(written), written, strict=True))

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [*self._fields]

    def columns(self, wanted: Sequence[str]) -> dict[str, Cells]:
        """Reads some columns."""
        return dict(self._columns(wanted))

    def _columns(self, wanted: Sequence[str]) -> Iterator[tuple[str, Cells]]:
        for name in wanted:
            written = self._fields[name]
            if written in self._folders:
                yield name, cells_of(self._folders[written])
            else:
                yield name, cells_of(self._files.to_table({"": pc.field(written)}).column(0))

    def _of_folder(self, folder: OpenedFile) -> Any:
        if not (paths := parquet_files(folder.path)):
            raise TrainingError(
                f"{folder.source} is a folder without Parquet files: give the path of one file, or of a "
                "folder of Parquet files with the same columns."
            )
        schemas = [pq.read_schema(path).remove_metadata() for path in paths]
        schema = pa.unify_schemas(schemas, promote_options="permissive")
        places = np.repeat(np.arange(len(paths)), [pq.read_metadata(path).num_rows for path in paths])
        for key, values in _by_key(partitions(paths)).items():
            if key not in schema.names:
                self._folders[key] = pa.array(values).take(pa.array(places))
        return pyarrow.dataset.dataset(list(map(str, paths)), schema=schema, format="parquet")


def _by_key(found: Sequence[Any]) -> dict[str, list[Any]]:
    return {key: [one[key] for one in found] for key in found[0]}


def _of_file(file: OpenedFile) -> Any:
    with file.opened() as opened:
        if isinstance(opened, FileIO | BufferedReader):
            return pyarrow.dataset.dataset(file.path, format="parquet")
        return pyarrow.dataset.dataset(pq.read_table(BytesIO(opened.read())))
