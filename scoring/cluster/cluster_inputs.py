"""Inputs of a Spark job: files of one form are one table, whose rows name their file."""

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from scoring.cluster.file_plan import FilePlan, InputForm, InputTable, RecordedRows, file_key
from scoring.cluster.hadoop_files import ClusterFile, HadoopFiles
from scoring.cluster.partition_rows import ADDED, FILE, PLACE, RECORD
from scoring.cluster.partition_scorer import LineTypes
from scoring.cluster.value_format_detection import record_deciding_texts
from scoring.columns.text_types import plain_type
from scoring.errors import ScoringError
from scoring.inputs.input_file import JSON_LINES_SUFFIXES, unique_names
from scoring.inputs.json_line_rows import typed_schema
from scoring.inputs.row_reader import RowReader
from training.data.file_format import OTHER_PAGE, UTF8, FileFormat
from training.engines.spark_session import functions as F  # noqa: N812  # as Spark's documentation names it
from training.engines.spark_session import to_arrow_schema, without_pattern
from training.errors import TrainingError
from training.tables.files.parquet_folder import PARQUET_SUFFIXES
from training.tables.texts.delimiter_detection import detected_format

# Java's names of Python's encodings.
_ENCODINGS = {
    "utf-8": "UTF-8",
    OTHER_PAGE: "windows-1252",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16LE",
    "utf-16-be": "UTF-16BE",
    "utf-32": "UTF-32",
    "utf-32-le": "UTF-32LE",
    "utf-32-be": "UTF-32BE",
}


class ClusterInputs:
    """Opens the files of a run as tables of Spark.

    Args:
        session: Session of Spark.
        files: Its file systems.
        reader: Reader of the rows.
    """

    def __init__(self, session: Any, files: HadoopFiles, reader: RowReader) -> None:
        self._session, self._files, self._reader = session, files, reader

    def open(self, files: Sequence[ClusterFile]) -> list[InputTable]:
        """Opens files, in tables of those with the same form.

        Raises:
            ScoringError: When one cannot be read, or its columns are wrong.
            TrainingError: When its dates can be read in two ways.
        """
        texts: dict[FileFormat, list[ClusterFile]] = {}
        typed: dict[pa.Schema, list[ClusterFile]] = {}
        lines: list[ClusterFile] = []
        for file in files:
            if file.suffix in PARQUET_SUFFIXES:
                typed.setdefault(self._files.parquet_schema(file).remove_metadata(), []).append(file)
            elif file.suffix in JSON_LINES_SUFFIXES:
                lines.append(file)
            else:
                texts.setdefault(self._text_format(file), []).append(file)
        tables = [
            *(self._csv(form, some) for form, some in texts.items()),
            *(self._parquet(schema, some) for schema, some in typed.items()),
            *([self._json(lines)] if lines else []),
        ]
        for table in tables:
            record_deciding_texts(table, self._reader)
        return tables

    def _text_format(self, file: ClusterFile) -> FileFormat:
        try:
            form = detected_format(self._files.head(file), file.name, self._reader.matches)
        except TrainingError as error:
            raise ScoringError(f"{error}") from error
        if form.is_spaced:
            raise ScoringError(
                f"{file.name} has columns between spaces, which Spark does not read: score it without "
                "--engine spark, or write it with commas."
            )
        return form

    def _csv(self, form: FileFormat, files: Sequence[ClusterFile]) -> InputTable:
        width = len(form.header)
        schema = ", ".join(f"{name} string" for name in [*map(_column, range(width)), RECORD])
        reader = self._session.read.schema(schema).options(
            sep=form.delimiter,
            encoding=_ENCODINGS[form.encoding],
            quote='"',
            escape='"',
            header=False,
            mode="PERMISSIVE",
            columnNameOfCorruptRecord=RECORD,
            # A cell may have line breaks; so a file is not split, and its rows keep their order.
            multiLine=True,
            maxColumns=max(20_480, 2 * width),
        )
        frame = _with_file(reader.csv(_paths(files)), F.lit(0).cast("bigint"))
        own = pa.schema([(name, pa.string()) for name in unique_names(form.header)])
        plans = {
            file_key(file.url): FilePlan(
                name=file.name,
                form=InputForm.CSV,
                rows=RecordedRows(
                    header=form.header, schema=own, decides_commas=True, is_plain=form.is_plain
                ),
                delimiter=form.delimiter,
                is_utf8=form.encoding == UTF8,
                records_before=1 + form.records_before,
            )
            for file in files
        }
        return InputTable(frame=frame, plans=plans, own=dict.fromkeys(plans, own))

    def _parquet(self, schema: pa.Schema, files: Sequence[ClusterFile]) -> InputTable:
        typed = self._session.read.parquet(*_paths(files))
        names = unique_names(schema.names)
        found = to_arrow_schema(typed.schema)
        frame = _with_file(typed, F.lit(None).cast("string"), F.col("_metadata.row_index"))
        rows = [
            theirs if pa.types.is_null(one.type) else plain_type(one.type)
            for one, theirs in zip(schema, found.types, strict=True)
        ]
        plans = {
            file_key(file.url): FilePlan(
                name=file.name,
                form=InputForm.PARQUET,
                rows=RecordedRows(
                    header=schema.names,
                    schema=pa.schema([*zip(names, rows, strict=True)]),
                    decides_commas=True,
                    is_plain=True,
                ),
            )
            for file in files
        }
        own = pa.schema([*zip(names, found.types, strict=True)])
        return InputTable(frame=frame, plans=plans, own=dict.fromkeys(plans, own))

    def _json(self, files: Sequence[ClusterFile]) -> InputTable:
        lines = self._session.read.option("lineSep", "\n").text(_paths(files))
        frame = _with_file(lines, F.lit(None).cast("string"), F.col("_metadata.file_block_start"))
        finder = LineTypes(self._reader.fields, is_table=self._reader.table is not None)
        blocks = frame.mapInArrow(finder.types, LineTypes.SCHEMA).collect()
        plans = {}
        for file in files:
            key = file_key(file.url)
            mine = sorted((one for one in blocks if one[FILE] == key), key=lambda one: one[PLACE])
            types: dict[str, set[str]] = {}
            before: dict[int, int] = {}
            rows = 0
            for one in mine:
                before.setdefault(one[PLACE], rows)
                rows += one["rows"]
                for name, found in json.loads(one["types"]).items():
                    types.setdefault(name, set()).update(found)
            if not types:
                raise ScoringError(f"{file.name} has no rows: it needs one JSON object on each line.")
            schema = typed_schema(types)
            plans[key] = FilePlan(
                name=file.name,
                form=InputForm.JSON_LINES,
                rows=RecordedRows(header=schema.names, schema=schema, decides_commas=False, is_plain=True),
                rows_before=before,
            )
        own = {key: plan.rows.schema for key, plan in plans.items()}
        return InputTable(frame=frame, plans=plans, own=own)


def _with_file(frame: Any, *added: Any) -> Any:
    """Returns a table with the columns of `ADDED`, and all columns named by their position."""
    whole = frame.select("*", *added, F.col("_metadata.file_path"))
    return whole.toDF(*map(_column, range(len(whole.columns) - len(ADDED))), *ADDED)


def _paths(files: Sequence[ClusterFile]) -> list[str]:
    return [without_pattern(file.url) for file in files]


def _column(position: int) -> str:
    return f"c{position}"
