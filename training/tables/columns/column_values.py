"""Values of a column, as a dataset has them for its field."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.data.dataset import CLOCK, WANTED, ColumnValues
from training.errors import TrainingError
from training.tables.columns.cells import INFINITE, MISSING_BETWEEN_NUMBERS, Cells, numbers_as_texts
from training.tables.columns.table_column import TableColumn
from training.tables.notations.date_texts import DASHED_DAY, ISO_ANY, read_times
from training.tables.notations.number_texts import PLAIN, bare, read_numbers
from training.tables.notations.numbered_times import NUMBERED_FORMS


def column_values(
    column: TableColumn, cells: Cells, file_rows: NDArray[np.intp] | None = None
) -> ColumnValues:
    """Reads the cells of a column.

    Args:
        column: The column.
        cells: Its cells.
        file_rows: Number of each row in the file, where rows of it are left out.

    Raises:
        TrainingError: When a cell is not written as the column says; it names the first row.
    """
    found = present_cells(column, cells)
    values = readable_values(column, found)
    if found.kind == "text":
        _check_readable(column, found, values, file_rows)
    return values


def present_cells(column: TableColumn, cells: Cells) -> Cells:
    """Copies cells without those that count as absent in the column."""
    if column.field.type not in ("string", "text"):
        cells = cells.without((*MISSING_BETWEEN_NUMBERS, *INFINITE))
    missing = column.missing
    if column.written in NUMBERED_FORMS:
        # pandas writes whole numbers of a column with gaps as 0.0.
        missing = (*missing, *(f"{text}.0" for text in missing))
    return cells.without(missing)


def readable_values(column: TableColumn, cells: Cells) -> ColumnValues:
    """Reads the present cells of a column; a text that is not written as the column says has no value.

    Raises:
        TrainingError: When the cells are of another kind than the field.
    """
    match column.field.type:
        case "number" | "integer":
            return _numbers(column, cells)
        case "boolean":
            return _booleans(column, cells)
        case "date":
            return _moments(column, cells).astype("datetime64[D]")
        case "time":
            return _times(column, cells)
    return _strings(cells)


def _numbers(column: TableColumn, cells: Cells) -> NDArray[np.float64]:
    if cells.kind == "text":
        return _spread(cells, read_numbers(bare(cells.texts), column.written), np.nan)
    if cells.kind in ("number", "boolean", "none"):
        return np.asarray(cells.values, dtype=np.float64)
    raise _other(column)


def _booleans(column: TableColumn, cells: Cells) -> NDArray[np.float64]:
    if cells.kind == "text":
        values = cells.texts.str.lower().map({"true": 1.0, "false": 0.0}).to_numpy(dtype=np.float64)
        return _spread(cells, values, np.nan)
    return _numbers(column, cells)


def _moments(column: TableColumn, cells: Cells) -> NDArray[np.datetime64]:
    nothing = np.datetime64("NaT", "us")
    if cells.kind == "text":
        return _spread(cells, read_times(cells.texts, column.written or f"{DASHED_DAY}|{ISO_ANY}"), nothing)
    if cells.kind == "moment":
        return np.asarray(cells.values)
    if cells.kind == "number" and column.written:
        return _moments(column, numbers_as_texts(cells))
    if cells.kind == "none":
        return np.full(len(cells), nothing, dtype="datetime64[us]")
    raise _other(column)


def _times(column: TableColumn, cells: Cells) -> pd.Categorical:
    if cells.kind == "clock":
        minutes = np.asarray(cells.values)
    else:
        moments = _moments(column, cells)
        minutes = (moments - moments.astype("datetime64[D]")).astype("timedelta64[m]").astype(np.float64)
        minutes[np.isnat(moments)] = np.nan
    codes = np.where(np.isnan(minutes), -1, minutes).astype(np.intp)
    return pd.Categorical.from_codes(codes, CLOCK)


def _strings(cells: Cells) -> pd.Categorical:
    if cells.kind == "text":
        return pd.Categorical.from_codes(cells.codes, pd.Index(cells.texts.tolist(), dtype=object))
    if cells.kind == "number":
        # Codes such as 415, which a person may declare as strings.
        return _strings(numbers_as_texts(cells))
    codes, distinct = pd.factorize(cells.values)
    return pd.Categorical.from_codes(codes, pd.Index([str(value) for value in distinct], dtype=object))


def _spread(cells: Cells, values: NDArray[Any], absent: Any) -> NDArray[Any]:
    """Copies the value of each text to its rows."""
    return np.append(values, absent)[cells.codes]


def _check_readable(
    column: TableColumn, cells: Cells, values: ColumnValues, file_rows: NDArray[np.intp] | None
) -> None:
    wrong = np.asarray(pd.isna(values)) & ~cells.absent
    if wrong.any():
        row = int(np.argmax(wrong))
        text = str(cells.texts[cells.codes[row]])
        number = row + 1 if file_rows is None else file_rows[row]
        as_written = f" written as {column.written!r}" if column.written != PLAIN else ""
        raise TrainingError(
            f"The column {column.name!r} has {text[:50]!r} in row {number} below the header, "
            f"which is not {WANTED[column.field.type]}{as_written}: correct the cell, or the type, `written` "
            "or `missing` of the column in the file of the fields."
        )


def _other(column: TableColumn) -> TrainingError:
    return TrainingError(
        f"The column {column.name!r} has values of another type than {WANTED[column.field.type]}: correct "
        "its type in the file of the fields."
    )
