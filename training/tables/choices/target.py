"""Target of a table: the task that follows from its values, and the labels."""

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from bundle.texts.counted_noun import counted
from training.errors import TrainingError
from training.tables.choices.labels import (
    FEWEST_LABEL_ROWS,
    MOST_RARE_SHARE,
    check_label_words,
    common_labels,
    label_codes,
    label_key,
    label_spellings,
)
from training.tables.columns.cells import Cells
from training.tables.columns.column_types import Notation, columns_of
from training.tables.columns.column_values import column_values
from training.tables.columns.table_column import TableColumn

TableTask = Literal["binary", "multiclass", "regression"]
TASKS: tuple[TableTask, ...] = get_args(TableTask)
MOST_LABELS = 50
# Integers from 0 or 1 on are classes up to so many.
MOST_NUMBERED_LABELS = 10
_MOST_SPELLINGS = 3


@dataclass(frozen=True, kw_only=True)
class TableTarget:
    """The column that a model predicts.

    Attributes:
        column: The column.
        task: The task.
        labels: Labels, the positive one last; empty in a regression.
        because: Why the task is this one, as a sentence.
    """

    column: TableColumn
    task: TableTask
    labels: tuple[str, ...] = ()
    because: str = ""

    @property
    def name(self) -> str:
        """Name of the column."""
        return self.column.name

    def values(self, cells: Cells) -> tuple[NDArray[Any], NDArray[np.bool_], dict[str, int]]:
        """Reads the target of each row.

        Returns:
            Positions of labels, or floats; whether each row has one; and the numbers of rows without, by
            reason.

        Raises:
            TrainingError: When a value is no label, or no number.
        """
        if not self.labels:
            values = np.asarray(column_values(self.column, cells), dtype=np.float64)
            known = ~np.isnan(values)
            return values, known, _reasons({f"without {self.name}": int((~known).sum())})
        codes, keys = label_codes(cells)
        by_key = {label_key(label): position for position, label in enumerate(self.labels)}
        positions = np.array([*(by_key.get(key, -2) for key in keys), -1])[codes]
        reasons = {f"without {self.name}": int((positions == -1).sum())}
        for code, key in enumerate(keys):
            if key not in by_key:
                reasons[f"with the rare {self.name} {key[:30]!r}"] = int((codes == code).sum())
        unknown = int((positions == -2).sum())
        if unknown > MOST_RARE_SHARE * len(positions):
            raise TrainingError(
                f"The column {self.name!r} has {counted(unknown, 'row')} with another value than the labels "
                f"{', '.join(self.labels)}: correct `labels` in the file of the fields."
            )
        return np.maximum(positions, 0), positions >= 0, _reasons(reasons)


def find_target(name: str, cells: Cells, *, comma_decimal: bool, task: str | None = None) -> TableTarget:
    """Decides the task by the values of the target.

    Args:
        name: Name of the column.
        cells: Its cells.
        comma_decimal: As in `infer`.
        task: A task that the user asks for; None for the one that follows from the values.

    Raises:
        TrainingError: When the column can be no target of the task.
    """
    if cells.kind == "nested":
        raise TrainingError(
            f"The column {name!r} has lists, objects, durations or bytes, which no model predicts: write the "
            "classes or numbers to predict into a column of their own."
        )
    codes, keys = label_codes(cells)
    if not keys:
        raise TrainingError(
            f"The column {name!r} has no value in any row, so there is nothing to learn: name another."
        )
    if len(keys) == 1:
        raise TrainingError(
            f"The column {name!r} has the same value in every row, {keys[0][:50]!r}, so there is nothing to "
            "predict: give rows with other values too, or name another column."
        )
    column = columns_of(name, cells, Notation(comma_decimal=comma_decimal))[0]
    found = _decided(column, codes, keys, task)
    if found.task == "regression":
        absent = ", ".join(map(repr, column.missing))
        noted = f" Rows with {absent} have no {name}, and are left out." if absent else ""
        return replace(found, because=found.because + noted)
    check_label_words(name, codes, keys)
    labels = common_labels(name, codes, keys)
    if len(labels) == len(keys):
        return replace(found, labels=labels)
    task_left: TableTask = "binary" if len(labels) == 2 else "multiclass"
    rare = len(keys) - len(labels)
    because = (
        f"{name} has {len(keys):,} different values, and {rare:,} of them in fewer than {FEWEST_LABEL_ROWS} "
        f"rows, which are left out: it is predicted as one of {len(labels):,} classes."
    )
    return replace(found, task=task_left, labels=labels, because=because)


def _decided(column: TableColumn, codes: NDArray[np.intp], keys: list[str], task: str | None) -> TableTarget:
    kind, count, name = column.field.type, len(keys), column.name
    noted = "".join(f" {note}" for note in column.notes if kind == "string")
    if kind in ("date", "time") and count > 2:
        raise TrainingError(
            f"The column {name!r} has dates or times, which no model predicts: name a column of classes or "
            "numbers."
        )
    is_number = kind in ("number", "integer")
    if task == "regression":
        if not is_number:
            raise TrainingError(
                f"The column {name!r} has values that are no numbers: a regression needs numbers.{noted}"
            )
        return TableTarget(
            column=column, task="regression", because=f"{name} is predicted as a number, as asked for."
        )
    if count == 2:
        return TableTarget(
            column=column, task="binary", because=f"{name} has two values, so it is predicted as one of two."
        )
    if task == "binary":
        raise TrainingError(f"The column {name!r} has {count:,} values: a binary target has two.")
    if is_number and task is None and not _are_numbered(kind, keys):
        return TableTarget(
            column=column,
            task="regression",
            because=f"{name} has {count:,} different numbers, so it is predicted as a number.",
        )
    if count > MOST_LABELS or (kind == "text" and count > MOST_NUMBERED_LABELS):
        raise TrainingError(
            f"The column {name!r} has {count:,} different values in {int((codes >= 0).sum()):,} rows, and a "
            f"model tells at most {MOST_LABELS} classes apart: group the values into fewer, or name another "
            f"column.{noted}"
        )
    numbered = " (as a number instead: --task regression)" if is_number else ""
    return TableTarget(
        column=column,
        task="multiclass",
        because=f"{name} has {count:,} different values, so it is predicted as one of {count:,} "
        f"classes{numbered}.",
    )


def _are_numbered(kind: str, keys: list[str]) -> bool:
    """Whether whole numbers are those of classes: each from 0 or 1 on."""
    if kind != "integer" or len(keys) > MOST_NUMBERED_LABELS:
        return False
    numbers = sorted(int(key) for key in keys if key.lstrip("-").isdigit())
    return len(numbers) == len(keys) and numbers[0] in (0, 1) and numbers[-1] - numbers[0] == len(keys) - 1


def written_labels(target: TableTarget, cells: Cells) -> TableTarget:
    """Copies the target with each label as most rows of the table write it, and a sentence on others."""
    if cells.kind != "text" or not target.labels:
        return target
    spellings = label_spellings(cells)
    labels = tuple(spellings[label_key(label)][0] for label in target.labels)
    because = target.because
    for written, *others in (spellings[label_key(label)] for label in target.labels):
        if others:
            shown = ", ".join(map(repr, others[:_MOST_SPELLINGS]))
            because += f" {shown} in the column {target.name!r} {'is' if len(others) == 1 else 'are'} the "
            because += f"class {written!r} too."
    return replace(target, labels=labels, because=because)


def _reasons(counts: dict[str, int]) -> dict[str, int]:
    return {reason: count for reason, count in counts.items() if count}
