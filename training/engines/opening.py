"""Engines by the name a job gives."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import ibis.expr.types as ir
import pyarrow as pa

from training.data.request import DataRequest
from training.engines import ENGINES
from training.engines.raw import RawFile
from training.errors import TrainingError


class Engine(Protocol):
    """What runs a cleaning expression."""

    def read(self, file: RawFile) -> ir.Table:
        """The file as a table of strings."""

    def batches(self, expression: ir.Table, name: str) -> Iterator[pa.RecordBatch]:
        """The rows of an expression over the file of that name."""


@contextmanager
def opened(request: DataRequest) -> Iterator[Engine]:
    """The engine a job asks for, until its rows are had.

    Raises:
        TrainingError: When there is no such engine, or what it needs is not there.
    """
    if request.engine == "duckdb":
        from training.engines.duckdb_engine import DuckDBEngine

        with DuckDBEngine(request.cache / "spill") as engine:
            yield engine
    elif request.engine == "spark":
        from training.engines.spark_engine import SparkEngine

        yield SparkEngine(request.master)
    elif request.engine == "athena":
        from training.engines.athena_engine import AthenaEngine

        with AthenaEngine(request.bucket) as athena:
            yield athena
    else:
        raise TrainingError(f"There is no engine {request.engine!r}: choose {', '.join(ENGINES)}.")
