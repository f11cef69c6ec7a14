"""Session of Apache Spark on a cluster, or on this machine."""

import re

from training.errors import TrainingError

try:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession, functions
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema
except ImportError as error:
    raise TrainingError(
        "Spark is not installed: run `pip install -r requirements-spark.txt`, and install Java 17."
    ) from error

__all__ = [
    "ON_THIS_MACHINE",
    "SPARK_ERRORS",
    "from_arrow_schema",
    "functions",
    "open_session",
    "root_cause",
    "to_arrow_schema",
    "without_pattern",
]

ON_THIS_MACHINE = "local[*]"
SPARK_ERRORS = (PySparkException, Py4JError)
LONGEST_CAUSE = 300
_PATTERN_CHARACTERS = re.compile(r"[\\*?\[\]{}]")


def open_session(master: str, program: str) -> SparkSession:
    """Opens the session of this process.

    Args:
        master: URL of the cluster.
        program: Name of the program in the cluster's lists.

    Raises:
        TrainingError: When it does not start.
    """
    try:
        session = (
            SparkSession.builder.master(master)
            .appName(program)
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
    except SPARK_ERRORS as error:
        raise TrainingError(
            f"Spark at {master} does not start ({root_cause(error)}): "
            "check that Java 17 is installed and that the master is reachable."
        ) from error
    # Spark warns of every header that differs from the schema's names.
    session.sparkContext.setLogLevel("ERROR")
    return session


def root_cause(error: Exception) -> str:
    """Returns the root cause of a Java exception in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith(("Caused by:", ": "))]
    return (causes[-1].lstrip(": ") if causes else lines[0])[:LONGEST_CAUSE]


def without_pattern(path: str) -> str:
    """Returns a path that names one file; Hadoop takes a path for a pattern, and so would read others too."""
    return _PATTERN_CHARACTERS.sub(r"\\\g<0>", path)
