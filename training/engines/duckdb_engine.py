"""DuckDB in this process: the default engine."""

import glob
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from training.engines.engine import RawFile
from training.engines.parquet_as_text import as_text
from training.errors import TrainingError

MEMORY = "1GB"
ROWS_A_BATCH = 131_072


class DuckDBEngine:
    """Runs expressions on all cores of this machine in bounded memory.

    Ibis only compiles the queries: DuckDB 2.0 deprecates or lacks the functions by which Ibis 12 runs them.

    Args:
        spill: Folder for what does not fit in memory.
    """

    def __init__(self, spill: Path) -> None:
        self._views = 0
        self._connection = duckdb.connect(
            config={
                "threads": os.cpu_count() or 1,
                "memory_limit": MEMORY,
                "temp_directory": str(spill),
                "preserve_insertion_order": False,
            }
        )
        # With it DuckDB 2.0.0 turns a TRY_CAST over a CSV into a hard cast (its issue 23818).
        self._connection.execute("SET disabled_optimizers = 'type_pushdown'")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def read(self, file: RawFile) -> ir.Table:
        """Opens the file as a table of strings."""
        name = f"raw_{self._views}"
        self._views += 1
        # DuckDB takes a path for a pattern, and so would read other files too.
        path = glob.escape(str(file.path))
        if file.is_parquet:
            self._connection.read_parquet(path).create_view(name)
            schema = ibis.Schema.from_pyarrow(pq.read_schema(file.path))
            return as_text(ibis.table(schema, name=name), file)
        self._connection.read_csv(
            path,
            columns=dict.fromkeys(file.columns, "VARCHAR"),
            auto_detect=False,
            header=True,
            sep=",",
            quotechar='"',
            escapechar='"',
        ).create_view(name)
        return ibis.table(dict.fromkeys(file.columns, "string"), name=name)

    def batches(self, expression: ir.Table, name: str) -> Iterator[pa.RecordBatch]:
        """Yields the rows of an expression over the file of that name.

        Raises:
            TrainingError: When a row does not fit the header, or memory or disk space is exhausted.
        """
        try:
            query = ibis.to_sql(expression, dialect="duckdb", pretty=False)
            yield from self._connection.sql(query).to_arrow_reader(ROWS_A_BATCH)
        except (duckdb.Error, OSError) as error:
            raise TrainingError(f"{name} cannot be read: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
