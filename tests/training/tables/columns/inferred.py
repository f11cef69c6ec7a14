"""Fields inferred from one column, as the tests of inference ask for them."""

from typing import Any

import pandas as pd

from bundle import Field
from training.data.dataset import check_values
from training.tables.columns.cells import cells_of
from training.tables.columns.column_values import column_values
from training.tables.columns.inference import infer
from training.tables.columns.table_column import TableColumn

ROWS = 40


def column(values: list[Any], name: str = "x", **others: list[Any]) -> TableColumn:
    table = {key: found * (ROWS // len(found)) for key, found in {name: values, **others}.items()}
    return infer(table).columns[0]


def field(values: list[Any], name: str = "x", **others: list[Any]) -> Field:
    return column(values, name, **others).field


def read(values: list[Any], name: str = "x") -> list[Any]:
    found = column(values, name)
    checked = column_values(found, cells_of(values))
    check_values(found.field, checked)
    return ["" if value != value else value for value in pd.Series(checked).tolist()]
