"""Fields that a model does not use: left out on demand, copies of the target, too many of them."""

from collections.abc import Sequence
from dataclasses import replace

from training.data.dataset import Dataset
from training.data.split import evenly
from training.errors import TrainingError
from training.tables.choices.field_gains import MOST_RANKED_ROWS, field_gains
from training.tables.choices.leaks import MOST_TESTED_ROWS, Leak, find_leaks
from training.tables.own_table import OwnTable
from training.tables.source_table import Table

# A form or a request of more fields serves nobody.
MOST_FIELDS = 200


def left_out(own: OwnTable, table: Table, names: Sequence[str]) -> OwnTable:
    """Leaves out the columns that the user names, by the name of the column or of the field."""
    for name in names:
        if name == own.target.name:
            raise TrainingError(
                f"--leave-out {name!r} names the target, which is no field anyway: name another column, or "
                "leave out the option."
            )
        if not any(name in (column.name, column.field.name) for column in own.columns):
            table.check_column(name, what="to be left out")
    return replace(
        own,
        columns=tuple(
            column.without(f"The column {column.name!r} is left out, as asked for.")
            if column.name in names or column.field.name in names
            else column
            for column in own.columns
        ),
    )


def without_leaks(own: OwnTable, data: Dataset, seed: int) -> tuple[OwnTable, Dataset, list[Leak]]:
    """Leaves out copies of the target, and returns all leaks."""
    train = _trained(own, data, seed, MOST_TESTED_ROWS)
    found = list(find_leaks(own.fields, train.columns, train.target, name=own.target.name, seed=seed))
    copies = {leak.field: leak.sentence for leak in found if leak.is_copy and leak.field != own.choice.column}
    return *_without(own, data, copies), found


def with_most_fields(own: OwnTable, data: Dataset, seed: int) -> tuple[OwnTable, Dataset, list[str]]:
    """Leaves out the fields of a wide table that trees gain least from."""
    if len(own.fields) <= MOST_FIELDS:
        return own, data, []
    gains = field_gains(
        own.fields, _trained(own, data, seed, MOST_RANKED_ROWS), classes=len(own.target.labels), seed=seed
    )
    kept = set(sorted(gains, key=lambda name: -gains[name])[:MOST_FIELDS])
    kept |= {own.choice.column}
    sentence = (
        f"A model has at most {MOST_FIELDS} fields, and trees gained less from this one than from others."
    )
    dropped = {name: sentence for name in gains if name not in kept}
    note = (
        f"The table has {len(own.fields):,} usable columns: the {MOST_FIELDS} are used that trees on the "
        "training rows gain most from."
    )
    return *_without(own, data, dropped), [note]


def _trained(own: OwnTable, data: Dataset, seed: int, most: int) -> Dataset:
    """Returns at most so many training rows, spread evenly."""
    rows = own.train_rows(data, seed)
    return data.take(rows[evenly(len(rows), most)])


def _without(own: OwnTable, data: Dataset, reasons: dict[str, str]) -> tuple[OwnTable, Dataset]:
    columns = tuple(
        column.without(reasons[column.field.name])
        if not column.left_out and column.field.name in reasons
        else column
        for column in own.columns
    )
    return replace(own, columns=columns), data.without(reasons)
