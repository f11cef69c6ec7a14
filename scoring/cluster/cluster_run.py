"""A run on a cluster: Spark reads the files, its workers answer the rows, and Spark writes the output."""

import functools
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from bundle import Bundle
from scoring.answer_columns import AnswerOptions
from scoring.cluster.cluster_inputs import ClusterInputs
from scoring.cluster.cluster_output import ClusterOutput
from scoring.cluster.file_plan import FilePlan, InputTable, file_key
from scoring.cluster.hadoop_files import ClusterFile, HadoopFiles
from scoring.cluster.partition_scorer import (
    ClusterPlan,
    CountsSum,
    PartitionScorer,
    answerer_of,
)
from scoring.cluster.program_archive import write_program
from scoring.errors import ScoringError
from scoring.fields.row_errors import ERROR_COLUMNS
from scoring.inputs.field_columns import FieldColumns
from scoring.inputs.input_schema import own_schema
from scoring.inputs.row_reader import RowReader, row_reader
from scoring.outputs.finished_parts import RowCounts
from scoring.progress_display import RowProgress
from scoring.summary import ScoringSummary, make_summary, misspelt_notes
from training.engines.spark_session import (
    ON_THIS_MACHINE,
    SPARK_ERRORS,
    from_arrow_schema,
    open_session,
    root_cause,
)

_SESSION = {
    # Columns may differ in capitals only.
    "spark.sql.caseSensitive": "true",
    # The default is an older type, which other readers take for a time without a zone.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(1 << 16),
}
# Interpreter that Spark starts unless PYSPARK_PYTHON names another.
_ANY_PYTHON = "python3"
_NO_MODULE = re.compile(r"ModuleNotFoundError: (.+)")
# The last line of a traceback of a worker.
_OF_PYTHON = re.compile(r"^\s*(?:\w+\.)*(\w+(?:Error|Invalid|Exception): .+)$", re.MULTILINE)
_OF_WORKERS = re.compile(r"(?:ScoringError|TrainingError|ModelError): (.+)")


@dataclass(frozen=True, kw_only=True)
class ClusterJob:
    """The rows to score and how.

    Attributes:
        sources: Paths, patterns or URLs of the input.
        out: Path or URL of the output's folder; its suffix is its format.
        bundle: Bundle of the model.
        options: Options of the answers.
        cache: Folder of files that are made once.
        master: URL of the cluster; "" for this machine.
        table: File of the fields of the own table that the model learned from; None for another model.
    """

    sources: tuple[str, ...]
    out: str
    bundle: Bundle
    options: AnswerOptions
    cache: Path
    master: str
    table: Path | None = None


def score_on_cluster(job: ClusterJob, progress: RowProgress) -> ScoringSummary:
    """Scores all rows, writes the output and returns its summary.

    Raises:
        ScoringError: When an input or an option is wrong, or Spark fails.
        TrainingError: When Spark does not start, or the dates of a file can be read in two ways.
        ModelError: When the model cannot be loaded.
    """
    answerer = answerer_of(job.bundle, job.options)
    reader = row_reader(job.bundle.manifest.fields, job.bundle.manifest.name, job.table)
    master = job.master or ON_THIS_MACHINE
    # A session of its own has settings of its own, in the same Spark.
    session = open_session(master, "scoring").newSession()
    for name, value in _SESSION.items():
        session.conf.set(name, value)
    context = session.sparkContext
    # An error ends the command with its sentence, and not with the traceback of a worker.
    context.setLogLevel("FATAL")
    if context.pythonExec == _ANY_PYTHON and master.startswith("local"):
        context.pythonExec = sys.executable
    files = HadoopFiles(session, job.cache)
    with _one_sentence():
        output = ClusterOutput(files, job.out)
        found = [file for source in job.sources for file in files.find(source)]
        context.addPyFile(str(write_program(job.cache)))
        tables = ClusterInputs(session, files, reader).open(found)
        own = own_schema(_own_columns(found, tables), answerer.schema.names)
        used, notes = _described(found, tables, reader)
        for note in notes:
            progress.note(note)
        plan = ClusterPlan(
            bundle=job.bundle, reader=reader, options=job.options, own=own, files=_plans(tables)
        )
        with output.removed_unless_complete():
            counts = _write_tables(context, tables, plan, output)
            if not counts.rows:
                names = ", ".join(file.name for file in found)
                raise ScoringError(f"{names} has no rows below its header.")
            summary = make_summary(
                out=job.out,
                inputs=[file.name for file in found],
                manifest=job.bundle.manifest,
                counts=counts,
                refused_file=output.refused if counts.refused else None,
                columns=used,
                notes=notes,
                seconds=progress.seconds,
            )
            output.write_summary(summary)
    return summary


def _plans(tables: Sequence[InputTable]) -> dict[str, FilePlan]:
    return {key: plan for table in tables for key, plan in table.plans.items()}


def _write_tables(
    context: Any, tables: Sequence[InputTable], plan: ClusterPlan, output: ClusterOutput
) -> RowCounts:
    """Writes the folders of the answered rows and, if there are some, of the refused ones."""
    counts = context.accumulator(RowCounts(rows=0), CountsSum())
    scorer = PartitionScorer(context.broadcast(plan), counts)
    schema = pa.schema([*plan.own, *answerer_of(plan.bundle, plan.options).schema])
    output.write_rows(_mapped(tables, scorer.answers, schema))
    totals: RowCounts = counts.value
    if totals.refused:
        output.write_refused(_mapped(tables, scorer.errors, ERROR_COLUMNS))
    return totals


def _mapped(tables: Sequence[InputTable], function: Any, schema: pa.Schema) -> Any:
    """Returns one table of what a function makes of the partitions of all tables."""
    columns = from_arrow_schema(schema, prefer_timestamp_ntz=True)
    frames = [table.frame.mapInArrow(function, columns) for table in tables]
    return functools.reduce(lambda one, other: one.unionAll(other), frames)


def _own_columns(
    files: Sequence[ClusterFile], tables: Sequence[InputTable]
) -> Iterator[tuple[str, pa.Schema]]:
    own = {key: schema for table in tables for key, schema in table.own.items()}
    for file in files:
        yield file.name, own[file_key(file.url)]


def _described(
    files: Sequence[ClusterFile], tables: Sequence[InputTable], reader: RowReader
) -> tuple[dict[str, str], list[str]]:
    """Returns the columns that are fields, and sentences about the input."""
    plans = _plans(tables)
    used: dict[str, str] = {}
    notes: list[str] = []
    for file in files:
        plan = plans[file_key(file.url)]
        columns = FieldColumns(plan.rows, plan.name, reader)
        used |= {name: columns.source(name) for name in columns.positions}
        notes += misspelt_notes(file.name, columns.misspelt())
    return used, notes


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Turns errors of Spark, and those of the workers, which it passes on, into one sentence."""
    try:
        yield
    except SPARK_ERRORS as error:
        if ours := _OF_WORKERS.search(str(error)):
            raise ScoringError(ours[1]) from error
        if missing := _NO_MODULE.search(str(error)):
            raise ScoringError(
                f"The Python of Spark's workers lacks a package ({missing[1]}): install those of "
                "requirements.txt on each machine, and name that Python in PYSPARK_PYTHON."
            ) from error
        reason = _OF_PYTHON.findall(str(error)) or [root_cause(error)]
        raise ScoringError(f"Spark has failed: {reason[-1]}") from error
