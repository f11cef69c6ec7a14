"""Apache Spark on a cluster, or locally on this machine."""

import re
from collections.abc import Iterator

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from training.engines.engine import RawFile
from training.engines.parquet_as_text import as_text
from training.errors import TrainingError

try:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession
except ImportError as error:
    raise TrainingError(
        "Spark is not installed: run `pip install -r requirements-spark.txt`, and install Java 17."
    ) from error

LOCAL = "local[*]"
LONGEST_CAUSE = 300
_PATTERN_CHARACTERS = re.compile(r"[\\*?\[\]{}]")


class SparkEngine:
    """Runs expressions on a cluster; each of its machines must have the files at the same paths.

    Args:
        master: URL of the cluster; "" for this machine.
    """

    def __init__(self, master: str) -> None:
        self._session = _session(master or LOCAL)
        self._connection = ibis.pyspark.connect(self._session)

    def read(self, file: RawFile) -> ir.Table:
        """Opens the file as a table of strings."""
        # Hadoop takes a path for a pattern, and so would read other files too.
        path = _PATTERN_CHARACTERS.sub(r"\\\g<0>", str(file.path))
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
        except (PySparkException, Py4JError) as error:
            raise TrainingError(f"Spark cannot read {name}: {_cause(error)}") from error


def _session(master: str) -> SparkSession:
    try:
        session = (
            SparkSession.builder.master(master)
            .appName("training")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.driver.memory", "2g")
            .config("spark.sql.session.timeZone", "UTC")
            # Cleaning is one pass; only the join with the weather's few hours shuffles.
            .config("spark.sql.shuffle.partitions", "4")
            # The rows of one file are collected in one piece.
            .config("spark.driver.maxResultSize", "0")
            .getOrCreate()
        )
    except (PySparkException, Py4JError) as error:
        raise TrainingError(
            f"Spark at {master} does not start ({_cause(error)}): "
            "check that Java 17 is installed and that the master is reachable."
        ) from error
    # Spark warns of every header that differs from the schema's names.
    session.sparkContext.setLogLevel("ERROR")
    return session


def _cause(error: Exception) -> str:
    """Returns the root cause of a Java exception in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith(("Caused by:", ": "))]
    return (causes[-1].lstrip(": ") if causes else lines[0])[:LONGEST_CAUSE]
