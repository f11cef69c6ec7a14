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
from training.tables.columns.column_names import repeated_headers, unique_headers
from training.tables.files.opened_file import OpenedFile
from training.tables.files.parquet_folder import parquet_files, partitions

# Cells that are read at once.
_BLOCK_CELLS = 1 << 23


class ParquetFiles:
    """A Parquet file, or a folder of them as Spark and others write it.

    A file that lacks a column of the folder has no values in it.

    Args:
        file: The file or folder.

    Raises:
        TrainingError: When the folder has no Parquet file, or a file is damaged or has a column of another
            type than the others.
    """

    def __init__(self, file: OpenedFile) -> None:
        self._folders: dict[str, Any] = {}
        try:
            self._files = self._of_folder(file) if file.path.is_dir() else _of_file(file)
        except (pa.ArrowException, OSError) as error:
            reason = str(error).strip().partition("\n")[0].rpartition(": ")[2].rstrip(".")
            raise TrainingError(
                f"{file.source} cannot be read as Parquet ({reason}): copy or download it again."
            ) from error
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
        stored = [name for name in wanted if self._fields[name] not in self._folders]
        yield from (
            (name, cells_of(self._folders[self._fields[name]])) for name in wanted if name not in stored
        )
        # Reading one column takes as long as opening all of them, and all at once would be in memory twice.
        size = max(1, _BLOCK_CELLS // max(1, self._files.count_rows()))
        for first in range(0, len(stored), size):
            names = stored[first : first + size]
            fields = {f"{place}": pc.field(self._fields[name]) for place, name in enumerate(names)}
            table = self._files.to_table(fields)
            yield from ((name, cells_of(table.column(place))) for place, name in enumerate(names))

    def _of_folder(self, folder: OpenedFile) -> Any:
        if not (paths := parquet_files(folder.path)):
            raise TrainingError(
                f"{folder.source} is a folder without Parquet files: give the path of one file, or of a "
                "folder of Parquet files with the same columns."
            )
        schemas = [pq.read_schema(path).remove_metadata() for path in paths]
        for path, one in zip(paths, schemas, strict=True):
            _check_names(one.names, str(path))
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
            _check_names(pq.read_schema(file.path).names, file.source)
            return pyarrow.dataset.dataset(file.path, format="parquet")
        content = BytesIO(opened.read())
    _check_names(pq.read_schema(content).names, file.source)
    return pyarrow.dataset.dataset(pq.read_table(content))


def _check_names(names: Sequence[str], source: str) -> None:
    if repeated := repeated_headers(names):
        name, count = next(iter(repeated.items()))
        raise TrainingError(
            f"{source} has {count} columns of the name {name!r}, and columns are read by their names: "
            "give each a name of its own."
        )
