"""A user's own table with its target: how its rows are read and split, in a first run and in every other."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bundle import Field
from training.data.data_options import SAMPLE, DataOptions
from training.data.dataset import Dataset
from training.data.split import Split
from training.tables.choices.splits import SplitChoice, group_codes
from training.tables.choices.target import TableTarget
from training.tables.columns.cells import Cells
from training.tables.columns.column_values import column_values
from training.tables.columns.table_column import TableColumn
from training.tables.source_table import Table, read_table

SOURCES = (SAMPLE, "path or URL of a CSV or Parquet file with the same columns")


@dataclass(frozen=True, kw_only=True)
class OwnTable:
    """A table, its fields, target and split.

    Attributes:
        source: Path or URL of the file.
        columns: Its columns; those that are left out are not read.
        target: The target.
        choice: How the rows are split.
    """

    source: str
    columns: tuple[TableColumn, ...]
    target: TableTarget
    choice: SplitChoice
    _groups: dict[int, NDArray[np.intp]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def used(self) -> tuple[TableColumn, ...]:
        """The columns that are fields."""
        return tuple(column for column in self.columns if not column.left_out)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of the model."""
        return tuple(column.field for column in self.used)

    def read(self, options: DataOptions) -> Dataset:
        """Reads the rows of the table, or of another one with the same columns.

        Raises:
            TrainingError: When a column is missing, or a cell is not as the column says.
        """
        if options.source == SAMPLE:
            options = DataOptions(source=self.source, progress=options.progress)
        return self.dataset(self.read_columns(options))

    def read_columns(self, options: DataOptions) -> Table:
        """Reads the columns that the dataset needs, as texts where their fields or notations need them.

        Raises:
            TrainingError: When the table cannot be read.
        """
        as_text = {column.name for column in self.used if column.written or column.field.is_string}
        return read_table(options, target=self.target.name, wanted=self.needed, as_text=as_text)

    @property
    def needed(self) -> list[str]:
        """Names of the columns of the table that are read."""
        names = [self.target.name, *(column.name for column in self.used)]
        names += [self.choice.column] if self.choice.kind == "group" else []
        return list(dict.fromkeys(names))

    def dataset(self, table: Table) -> Dataset:
        """Makes the dataset of a table's cells, in the order of time where the rows are split by it.

        Raises:
            TrainingError: When a column is missing, or a cell is not as the column says.
        """
        for name in self.needed:
            table.check_column(
                name,
                what="a column of the model",
                otherwise=" If the table no longer has it, leave it out in the file of the fields.",
            )
        cells, file_rows = table.columns, table.file_rows()
        target, known, dropped = self.target.values(cells[self.target.name])
        dropped = {**table.dropped, **dropped}
        rows, dates = np.flatnonzero(known), None
        if self.choice.kind == "time":
            days = self._days(cells)
            undated = int((known & np.isnat(days)).sum())
            rows = rows[~np.isnat(days[rows])]
            rows = rows[np.argsort(days[rows], kind="stable")]
            dates = days[rows]
            dropped = {**dropped, **({f"without {self.choice.column}": undated} if undated else {})}
        if self.choice.kind == "group":
            self._groups[len(rows)] = group_codes(cells[self.choice.column])[rows]
        # Rows as they are need no copy.
        taken = slice(None) if dates is None and len(rows) == len(known) else rows
        return Dataset(
            name=PurePath(table.source).name,
            columns={
                column.field.name: column_values(column, cells[column.name], file_rows)[taken]
                for column in self.used
            },
            target=target[taken],
            dates=dates,
            dropped=dropped,
            file_rows=file_rows[taken],
        )

    def _days(self, cells: Mapping[str, Cells]) -> NDArray[np.datetime64]:
        """Reads the days by which the rows are split."""
        column = next(one for one in self.used if one.field.name == self.choice.column)
        return np.asarray(column_values(column, cells[column.name]))

    def groups(self, data: Dataset) -> NDArray[np.intp] | None:
        """Returns the group of each row of the dataset that was read; None without groups."""
        return self._groups.get(len(data))

    def train_rows(self, data: Dataset, seed: int) -> NDArray[np.intp]:
        """Returns the positions of the training rows, without a copy of the rows."""
        positions = replace(data, columns={"position": np.arange(len(data))})
        return np.asarray(self.split(positions, seed).train.columns["position"])

    def split(self, data: Dataset, seed: int) -> Split:
        """Splits the dataset that was read."""
        return self.choice.split(data, seed, self.groups(data))


def settings_of(table: OwnTable, *, missed_cost: float) -> dict[str, Any]:
    """Returns what the file of the fields says beside the columns."""
    target = table.target
    found: dict[str, Any] = {"target": target.name, "task": target.task}
    if target.labels:
        found["labels"] = list(target.labels)
    if target.column.written:
        found["target_written"] = target.column.written
    if target.column.missing:
        found["target_missing"] = list(target.column.missing)
    if target.task == "binary":
        found["missed_cost"] = missed_cost
    found["split"] = table.choice.kind
    if table.choice.column:
        found["split_by"] = table.choice.column
    return found
