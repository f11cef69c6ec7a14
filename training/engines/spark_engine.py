"""Apache Spark on a cluster, or locally on this machine."""

from collections.abc import Iterator

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from training.engines.engine import RawFile
from training.engines.parquet_as_text import as_text
from training.engines.spark_session import (
    ON_THIS_MACHINE,
    SPARK_ERRORS,
    open_session,
    root_cause,
    without_pattern,
)
from training.errors import TrainingError


class SparkEngine:
    """Runs expressions on a cluster; each of its machines must have the files at the same paths.

    Args:
        master: URL of the cluster; "" for this machine.
    """

    def __init__(self, master: str) -> None:
        self._session = open_session(master or ON_THIS_MACHINE, "training")
        self._connection = ibis.pyspark.connect(self._session)

    def read(self, file: RawFile) -> ir.Table:
        """Opens the file as a table of strings."""
        path = without_pattern(str(file.path))
        if file.is_parquet:
            return as_text(self._connection.read_parquet(path), file)
        return self._connection.read_csv(
            path,
            schema=", ".join(f"`{column}` string" for column in file.columns),
            header=True,
            enforceSchema=True,
            mode="FAILFAST",
            quote='"',
            escape='"',
        )

    def batches(self, expression: ir.Table, name: str) -> Iterator[pa.RecordBatch]:
        """Yields the rows of an expression over the file of that name.

        Raises:
            TrainingError: When a row does not fit the header, or the cluster fails.
        """
        try:
            rows = self._session.sql(self._connection.compile(expression))
            yield from rows.toArrow().to_batches()
        except SPARK_ERRORS as error:
            raise TrainingError(f"Spark cannot read {name}: {root_cause(error)}") from error
