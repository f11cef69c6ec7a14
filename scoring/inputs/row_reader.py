"""Reader of the rows of a file: by the names of the fields, or as the model's training read its files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.flights.sources.dialect import known_columns
from training.model_catalog import unlabelled_reader

if TYPE_CHECKING:
    from bundle import Field
    from training.tables.unlabelled_table import KeptColumns


@dataclass(frozen=True, kw_only=True)
class RowReader:
    """Reader of the rows of a model's files; a cluster sends it to its workers.

    Attributes:
        fields: Fields of the model.
        model: Name of the model, whose file may name a reader of the dialects of its training.
        table: Columns of the own table that the model learned from, which may have the names of fields and
            other notations; None for another model.
    """

    fields: "Sequence[Field]"
    model: str = ""
    table: "KeptColumns | None" = None

    def unlabelled(self) -> Callable[[], Any] | None:
        """Returns a function that imports the class that reads rows as training does; None for none."""
        if (table := self.table) is not None:
            return lambda: table.reader
        return unlabelled_reader(self.model) if self.model else None

    def matches(self, header: Sequence[str]) -> int:
        """Counts the known columns in a header."""
        names = {field.name for field in self.fields}
        if self.table is not None:
            return len({*header} & (names | self.table.names))
        own = len({*header} & names)
        return own if self.unlabelled() is None else max(own, known_columns(header))


def row_reader(fields: "Sequence[Field]", model: str, table: Path | None) -> RowReader:
    """Returns the reader of a model's files.

    Args:
        fields: Fields of the model.
        model: Its name.
        table: File of the fields beside its bundle; None without one.

    Raises:
        TrainingError: When that file is wrong.
    """
    kept = None
    if table is not None:
        # Files of other models must not wait for pandas.
        from training.tables.unlabelled_table import kept_columns

        kept = kept_columns(table)
    return RowReader(fields=fields, model=model, table=kept)
