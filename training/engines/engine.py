"""The interface of the engines, and the files that they read."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # The command line lists the engines: it must not wait for Ibis.
    from collections.abc import Iterator

    import ibis.expr.types as ir
    import pyarrow as pa

ENGINES = ("duckdb", "spark", "athena")
# Prefix of the columns that no expression reads.
UNUSED = "unused_"


@dataclass(frozen=True, kw_only=True)
class RawFile:
    """A plain CSV or Parquet file, every column of which is read as text.

    Attributes:
        path: The file on this machine.
        header: Column names in the file.
        columns: Column names in the engine's table, in the same order.
        name: The file's name in messages.
    """

    path: Path
    header: tuple[str, ...]
    columns: tuple[str, ...]
    name: str

    @property
    def is_parquet(self) -> bool:
        """Whether the file is Parquet; otherwise it is CSV."""
        return self.path.suffix.lower() == ".parquet"

    def source_name(self, column: str) -> str:
        """Returns the name in the file of one of our columns."""
        return self.header[self.columns.index(column)]


class Engine(Protocol):
    """Runs cleaning expressions."""

    def read(self, file: RawFile) -> "ir.Table":
        """Opens the file as a table of strings."""

    def batches(self, expression: "ir.Table", name: str) -> "Iterator[pa.RecordBatch]":
        """Yields the rows of an expression over the file of that name."""
