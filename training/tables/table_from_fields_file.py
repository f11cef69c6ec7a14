"""The table of an earlier run, as its file of the fields has it."""

from pathlib import Path
from typing import Annotated, Any

import msgspec

from bundle import Field
from training.errors import TrainingError, counted
from training.tables.choices.splits import SplitChoice, SplitKind
from training.tables.choices.target import TableTarget, TableTask
from training.tables.columns.fields_file import read_table_file
from training.tables.columns.table_column import TableColumn
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
        raise TrainingError(f"{path}: a setting is wrong ({error}): correct it.") from error
    if target and settings.target != target:
        raise TrainingError(
            f"{path} has the fields of the target {settings.target!r}, not of {target!r}: give another "
            "--name, or remove that file."
        )
    _check(path, settings, {column.field.name for column in content.columns if not column.left_out})
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


def _check(path: Path, settings: _Settings, names: set[str]) -> None:
    if (len(settings.labels) == 2) != (settings.task == "binary") or (
        bool(settings.labels) == (settings.task == "regression")
    ):
        raise TrainingError(
            f"{path}: {counted(len(settings.labels), 'label')} for the task {settings.task}, which "
            "do not fit: correct one."
        )
    if settings.split != "random" and not settings.split_by:
        raise TrainingError(f"{path}: the split by {settings.split} needs split_by, the name of a column.")
    if settings.split == "time" and settings.split_by not in names:
        raise TrainingError(
            f"{path}: split_by {settings.split_by!r} is no field: name a field of dates, or remove it."
        )
