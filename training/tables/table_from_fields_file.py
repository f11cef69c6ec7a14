"""The table of an earlier run, as its file of the fields has it."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec

from bundle import Field
from bundle.texts.counted_noun import counted
from training.errors import TrainingError
from training.tables.choices.labels import label_key
from training.tables.choices.splits import SplitChoice, SplitKind
from training.tables.choices.target import TASKS, TableTarget, TableTask
from training.tables.columns.fields_file import read_table_file
from training.tables.columns.table_column import TableColumn
from training.tables.corrections.field_problems import field_problem
from training.tables.own_table import OwnTable


class _Settings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    target: str
    task: TableTask
    labels: tuple[str, ...] = ()
    target_written: str = ""
    target_missing: tuple[str, ...] = ()
    missed_cost: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    split: SplitKind = "random"
    split_by: str = ""


def kept_table(path: Path, *, source: str, target: str = "") -> tuple[OwnTable, float]:
    """Reads the file of an earlier run's fields.

    Args:
        path: The file.
        source: Path or URL of the table.
        target: Target that the file must be of; "" for any.

    Returns:
        The table, and the cost of a missed positive.

    Raises:
        TrainingError: When a setting of it is wrong, or it is of another target.
    """
    content = read_table_file(path)
    try:
        settings = msgspec.convert(dict(content.settings), _Settings)
    except msgspec.ValidationError as error:
        raise TrainingError(f"{path}: a setting is wrong ({error}){_choices(error)}: correct it.") from error
    if target and settings.target != target:
        raise TrainingError(
            f"{path} has the fields of the target {settings.target!r}, not of {target!r}: give another "
            "--name, or remove that file."
        )
    _check_labels(path, settings)
    used = [column for column in content.columns if not column.left_out]
    _check_split(path, settings, {column.field.name: column.field.type for column in used})
    _check_fields(path, settings, used)
    kind: Any = "number" if settings.task == "regression" else "string"
    column = TableColumn(
        field=Field(
            name=settings.target, type=kind, required=False, example=0 if kind == "number" else "text"
        ),
        name=settings.target,
        written=settings.target_written,
        missing=settings.target_missing,
    )
    found = TableTarget(column=column, task=settings.task, labels=settings.labels)
    choice = SplitChoice(kind=settings.split, column=settings.split_by)
    return OwnTable(source=source, columns=content.columns, target=found, choice=choice), settings.missed_cost


def _choices(error: msgspec.ValidationError) -> str:
    """Returns the values that a setting has, where the error names another."""
    choices: dict[str, tuple[str, ...]] = {"`$.task`": TASKS, "`$.split`": get_args(SplitKind)}
    return next(
        (f", choose {' or '.join(found)}" for path, found in choices.items() if path in str(error)), ""
    )


def _check_fields(path: Path, settings: _Settings, columns: Sequence[TableColumn]) -> None:
    for column in columns:
        if column.name == settings.target:
            raise TrainingError(
                f"{path}: the field {column.field.name!r} is the target, which no row to predict has: remove "
                "that [[field]]."
            )
        if problem := field_problem(column):
            raise TrainingError(f"{path}: the field {column.field.name!r} is wrong ({problem}): correct it.")


def _check_labels(path: Path, settings: _Settings) -> None:
    labels = settings.labels
    if (len(labels) == 2) != (settings.task == "binary") or bool(labels) == (settings.task == "regression"):
        raise TrainingError(
            f"{path}: {counted(len(labels), 'label')} for the task {settings.task}, which do not fit: "
            "correct one."
        )
    keys = [*map(label_key, labels)]
    repeated = next((label for label, key in zip(labels, keys, strict=True) if keys.count(key) > 1), None)
    if repeated is not None:
        raise TrainingError(f"{path}: labels has {repeated!r} twice: correct one of them.")
    if not math.isfinite(settings.missed_cost):
        raise TrainingError(f"{path}: missed_cost is {settings.missed_cost}, which is no number: correct it.")


def _check_split(path: Path, settings: _Settings, types: Mapping[str, str]) -> None:
    split, by = settings.split, settings.split_by
    if split == "random":
        if by:
            raise TrainingError(f"{path}: split_by {by!r} is of a split by time or group: remove that line.")
    elif not by:
        raise TrainingError(f"{path}: the split by {split} needs split_by, the name of a column.")
    elif split == "time" and types.get(by) != "date":
        found = f"of the type {types[by]}" if by in types else "no field"
        raise TrainingError(
            f"{path}: split_by {by!r} is {found}, and the split by time needs a field of dates: name one, "
            'or write split = "random" without split_by.'
        )
    elif by == settings.target:
        raise TrainingError(f"{path}: split_by {by!r} is the target: name another column.")
