"""Example rows in JSON, in any of the forms that MLflow, its servers and other tools write."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

# Keys under which requests and files have the rows.
_ROWS = ("dataframe_split", "dataframe_records", "inputs", "instances", "data")


def example_rows(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Reads the rows of an input example.

    Args:
        path: A file of JSON: columns and data, records, values by column, one row as an object, or arrays of
            numbers.
        columns: Names of the columns of arrays; empty when they are not known.

    Raises:
        OSError: When it cannot be read.
        ValueError: When it is no JSON that has rows.
    """
    return rows_of_json(path.read_bytes(), columns)


def rows_of_json(content: bytes, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Makes rows of JSON, or of lines of JSON; arguments and errors as `example_rows`."""
    try:
        found = json.loads(content)
    except ValueError:
        found = [json.loads(line) for line in content.splitlines() if line.strip()]
    return _rows(found, columns)


def _rows(found: Any, columns: Sequence[str]) -> pd.DataFrame:
    if isinstance(found, dict):
        if {"columns", "data"} <= {*found}:
            return pd.DataFrame(found["data"], columns=found["columns"])
        if inner := next((key for key in _ROWS if len(found) == 1 and key in found), ""):
            return _rows(found[inner], columns)
        return _of_values(found)
    if not isinstance(found, list) or not found:
        raise ValueError("it has no rows")
    if all(isinstance(row, dict) for row in found):
        return pd.DataFrame(found)
    rows = found if isinstance(found[0], list) else [found]
    width = len(rows[0])
    names = columns if len(columns) == width else [f"column_{place}" for place in range(1, width + 1)]
    return pd.DataFrame(rows, columns=list(names))


def _of_values(found: dict[str, Any]) -> pd.DataFrame:
    """Makes rows of values by column: lists, objects of values by row, or single values of one row."""
    if any(isinstance(values, list | dict) for values in found.values()):
        return pd.DataFrame(found).reset_index(drop=True)
    return pd.DataFrame([found])
