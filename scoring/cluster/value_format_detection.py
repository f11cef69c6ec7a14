"""Detection of value formats from the texts of a whole file: order of day and month, decimal point."""

from typing import Any

import pyarrow as pa

from scoring.cluster.file_plan import InputTable, RecordedRows, file_key
from scoring.cluster.partition_rows import FILE, RECORD
from scoring.inputs.field_columns import FieldColumns
from scoring.inputs.row_reader import RowReader
from training.data.file_format import COMMENT
from training.engines.spark_session import functions


def record_deciding_texts(table: InputTable, reader: RowReader) -> None:
    """Records the deciding texts of each file in its plan, so that all workers decide alike.

    Raises:
        ScoringError: When a required field has no column, or decimal commas are ambiguous.
        TrainingError: When dates can be read in two ways.
    """
    columns = {key: FieldColumns(plan.rows, plan.name, reader) for key, plan in table.plans.items()}
    # Files of one form have the same columns.
    key = next(iter(columns))
    wanted = _deciding(columns[key], table.plans[key].rows)
    if wanted:
        texts = [functions.collect_set(_texts(place, whole=whole)) for place, whole in wanted.items()]
        for url, *found in table.frame.groupBy(FILE).agg(*texts).collect():
            rows = table.plans[file_key(url)].rows
            for place, values in zip(wanted, found, strict=True):
                # Spark's table of a CSV file has the header, and the line before it that names the delimiter.
                before = {rows.header[place], "sep="}
                rows.values[place] = [text for text in values if text.strip() not in before]
    for key, plan in table.plans.items():
        _decide(columns[key], plan.rows)


def _deciding(columns: FieldColumns, rows: RecordedRows) -> dict[int, bool]:
    """Returns positions of columns, and whether all of their texts decide, or those with a comma."""
    wanted: dict[int, bool] = {}
    for name, places in columns.positions.items():
        for place in places:
            if not pa.types.is_string(rows.schema.field(place).type):
                continue
            if name in columns.decided_by_file:
                wanted[place] = True
            elif name in columns.comma_numbers and rows.decides_commas:
                wanted.setdefault(place, False)
    return wanted


def _texts(place: int, *, whole: bool) -> Any:
    # A row of another width than the header's that begins so is a comment.
    record = functions.col(RECORD)
    is_row = record.isNull() | ~functions.ltrim(record).startswith(COMMENT)
    column = functions.when(is_row, functions.col(f"c{place}"))
    return column if whole else functions.when(column.contains(","), column)


def _decide(columns: FieldColumns, rows: RecordedRows) -> None:
    """Raises the errors that the texts of a file show; else its workers would."""
    read = columns.reader()
    for name, places in columns.positions.items():
        texts = [text for place in places for text in rows.values.get(place, ())]
        if not texts:
            continue
        if name in columns.decided_by_file:
            read(name, pa.array(texts, pa.string()))
        elif any("," in text for text in texts):
            columns.has_decimal_commas(name)
