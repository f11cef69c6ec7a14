"""Split of a table's rows: by time, by group, or at random, by what the columns are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, TimeSeriesSplit

from training.data.dataset import ColumnValues, Dataset
from training.data.split import TEST_SHARE, Split, at_random, by_label, by_time
from training.errors import TrainingError
from training.tables.columns.cells import Cells
from training.tables.columns.exclusions import is_identifier_name
from training.tables.columns.table_column import TableColumn

SplitKind = Literal["time", "group", "random"]

FEWEST_SPLIT_DAYS = 10
FEWEST_GROUPS = 20
# A person may choose fewer: five folds and the test have at least one each.
_FEWEST_SPLIT_GROUPS = 10
FEWEST_ROWS_A_GROUP = 1.5
_TEST_SHARES = (0.05, 0.5)
_NO_EVENT = ("birth", "dob", "born")


@dataclass(frozen=True, kw_only=True)
class SplitChoice:
    """How the test rows are chosen.

    Attributes:
        kind: By time, by group, or at random.
        column: The column of the time or of the group; "" at random.
        because: The sentence that says so.
    """

    kind: SplitKind
    column: str = ""
    because: str = ""

    def split(self, data: Dataset, seed: int, groups: NDArray[np.intp] | None) -> Split:
        """Splits the rows; `groups` has the group of each row."""
        if self.kind == "time":
            return by_time(data, seed)
        if self.kind == "group":
            return by_group(data, seed, groups, self.column)
        return by_label(data, seed) if data.target.dtype.kind in "iu" else at_random(data, seed)

    def folds(
        self, data: Dataset, groups: NDArray[np.intp] | None, count: int, seed: int
    ) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Splits training rows into folds of the same kind: rows to fit on, rows to predict."""
        is_class = data.target.dtype.kind in "iu"
        rows = np.arange(len(data))
        if self.kind == "time":
            return list(TimeSeriesSplit(max(2, min(count, 4))).split(rows))
        if self.kind == "group" and groups is not None:
            return list(GroupKFold(count, shuffle=True, random_state=seed).split(rows, groups=groups))
        kind = StratifiedKFold if is_class else KFold
        return list(kind(count, shuffle=True, random_state=seed).split(rows, data.target))


RANDOM_SPLIT = SplitChoice(kind="random", because="The test rows are a random fifth, as asked for.")


def by_group(data: Dataset, seed: int, groups: NDArray[np.intp] | None, column: str) -> Split:
    """Tests on a random fifth of the groups, whose rows are all in the test."""
    if groups is None:
        raise TrainingError(f"The rows have no column {column!r}, by which they are split.")
    names = np.random.default_rng(seed).permutation(np.unique(groups))
    if len(names) < _FEWEST_SPLIT_GROUPS:
        raise TrainingError(
            f"The column {column!r}, by which the rows are split, has only {len(names)} different values in "
            f"the rows with a target, and a split needs {_FEWEST_SPLIT_GROUPS}: name another column, or give "
            'split = "random" without split_by in the file of the fields.'
        )
    tested = np.isin(groups, names[: max(1, round(len(names) * TEST_SHARE))])
    return Split(
        train=data.take(~tested),
        test=data.take(tested),
        description=f"All rows of a random {TEST_SHARE:.0%} of the values of {column} ({tested.sum():,} "
        "rows)",
    )


def choose_split(
    columns: Sequence[TableColumn],
    values: Mapping[str, ColumnValues],
    cells: Mapping[str, Cells],
    target: NDArray[Any],
    known: NDArray[np.bool_],
) -> SplitChoice:
    """Chooses the split: by the first complete column of dates, by an entity that repeats, or at random.

    Args:
        columns: The columns of the table, with those that are left out.
        values: Values of the fields of dates, by name of the field.
        cells: Cells of each column of the table.
        target: Target of each row.
        known: Whether the row has one; `values` are those of these rows.
    """
    target = target[known]
    for column in columns:
        if column.field.type == "date" and not column.left_out and _is_order(column, values, target):
            return SplitChoice(
                kind="time",
                column=column.field.name,
                because=f"The test rows are the last by {column.field.name}, because the model will predict "
                "later rows than it learned from.",
            )
    for column in columns:
        if (
            column.left_out
            and is_identifier_name(column.name)
            and _repeats(cells[column.name], target, known)
        ):
            return SplitChoice(
                kind="group",
                column=column.name,
                because=f"The test rows have other values of {column.name} than the training rows, because "
                "rows repeat them, and the model will predict new ones.",
            )
    how = "with each class in proportion" if target.dtype.kind in "iu" else "of all"
    return SplitChoice(
        kind="random",
        because=f"The test rows are a random fifth {how}, because no complete column with at least "
        f"{FEWEST_SPLIT_DAYS} days orders the rows and no identifier repeats.",
    )


def group_codes(cells: Cells) -> NDArray[np.intp]:
    """Returns the group of each row by an identifier; a row without one is a group of its own."""
    codes = cells.codes if cells.kind == "text" else pd.factorize(cells.values)[0]
    alone = codes.max(initial=0) + 1 + np.arange(len(codes))
    return np.asarray(np.where(codes < 0, alone, codes), dtype=np.intp)


def _is_order(column: TableColumn, values: Mapping[str, ColumnValues], target: NDArray[Any]) -> bool:
    days = np.asarray(values[column.field.name])
    if np.isnat(days).any() or any(word in column.name.lower() for word in _NO_EVENT):
        return False
    if len(np.unique(days)) < FEWEST_SPLIT_DAYS:
        return False
    order = np.argsort(days, kind="stable")
    first = max(days[order][int(len(days) * (1 - TEST_SHARE))], np.unique(days)[1])
    tested = days >= first
    low, high = _TEST_SHARES
    if not low <= tested.mean() <= high:
        return False
    if target.dtype.kind not in "iu":
        return True
    # Classes must occur on both sides, and in the first fold too.
    labels = len(np.unique(target))
    early = target[order[: len(order) // 4]]
    return (
        len(np.unique(target[tested])) == len(np.unique(target[~tested])) == len(np.unique(early)) == labels
    )


def _repeats(cells: Cells, target: NDArray[Any], known: NDArray[np.bool_]) -> bool:
    codes = group_codes(cells)[known]
    groups = len(np.unique(codes))
    if groups < FEWEST_GROUPS or len(codes) < FEWEST_ROWS_A_GROUP * groups:
        return False
    # A class that only few groups have may be missing from the test.
    if target.dtype.kind not in "iu":
        return True
    return all(len(np.unique(codes[target == label])) >= FEWEST_GROUPS for label in np.unique(target))
