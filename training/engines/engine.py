"""The interface of the engines, and the choice of one by its name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from training.errors import TrainingError

if TYPE_CHECKING:
    # The command line lists the engines: it must not wait for Ibis.
    import ibis.expr.types as ir
    import pyarrow as pa

    from training.engines.input_file import RawFile

ENGINES = ("duckdb", "spark", "athena")


class Engine(Protocol):
    """Runs cleaning expressions."""

    def read(self, file: "RawFile") -> "ir.Table":
        """Opens the file as a table of strings."""

    def batches(self, expression: "ir.Table", name: str) -> "Iterator[pa.RecordBatch]":
        """Yields the rows of an expression over the file of that name."""


@contextmanager
def open_engine(name: str, *, master: str, bucket: str, spill: Path) -> Iterator[Engine]:
    """Opens the engine of that name and closes it at the end of the block.

    Args:
        name: One of `ENGINES`.
        master: URL of Spark's cluster; "" for this machine.
        bucket: S3 bucket of Athena's tables and results.
        spill: Folder for what does not fit in DuckDB's memory.

    Raises:
        TrainingError: When there is no such engine, or a library or service that it needs is missing.
    """
    if name == "duckdb":
        from training.engines.duckdb_engine import DuckDBEngine

        with DuckDBEngine(spill) as engine:
            yield engine
    elif name == "spark":
        from training.engines.spark_engine import SparkEngine

        yield SparkEngine(master)
    elif name == "athena":
        from training.engines.athena_engine import AthenaEngine

        with AthenaEngine(bucket) as athena:
            yield athena
    else:
        raise TrainingError(f"There is no engine {name!r}: choose {', '.join(ENGINES)}.")
