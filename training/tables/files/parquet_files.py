"""Parquet files, read column by column, so that only one is in memory twice."""

from collections.abc import Iterator, Sequence
from io import BufferedReader, BytesIO, FileIO
from typing import Any

import pyarrow.compute as pc
import pyarrow.dataset
import pyarrow.parquet as pq

from training.errors import TrainingError
from training.tables.columns.cells import Cells, cells_of
from training.tables.columns.column_names import unique_headers
from training.tables.files.opened_file import OpenedFile


class ParquetFiles:
    """A Parquet file, or a folder of them as Spark and others write it.

    Args:
        file: The file or folder.

    Raises:
        TrainingError: When the folder has no Parquet file.
    """

    def __init__(self, file: OpenedFile) -> None:
        self._files = _dataset(file)
        self._fields = dict(
            zip(unique_headers(self._files.schema.names), self._files.schema.names, strict=True)
        )

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [*self._fields]

    def columns(self, wanted: Sequence[str]) -> dict[str, Cells]:
        """Reads some columns."""
        return dict(self._columns(wanted))

    def _columns(self, wanted: Sequence[str]) -> Iterator[tuple[str, Cells]]:
        for name in wanted:
            yield name, cells_of(self._files.to_table({"": pc.field(self._fields[name])}).column(0))


def _dataset(file: OpenedFile) -> Any:
    if file.path.is_dir():
        if not any(file.path.rglob("*.parquet")):
            raise TrainingError(
                f"{file.source} is a folder without Parquet files: give the path of one file, or of a folder "
                "of Parquet files with the same columns."
            )
        return pyarrow.dataset.dataset(file.path, format="parquet", partitioning="hive")
    with file.opened() as opened:
        if isinstance(opened, FileIO | BufferedReader):
            return pyarrow.dataset.dataset(file.path, format="parquet")
        return pyarrow.dataset.dataset(pq.read_table(BytesIO(opened.read())))
