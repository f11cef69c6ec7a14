"""Quotation marks in JSON: how a name that is given twice is found without reading the text again."""

from collections.abc import Sequence

from bundle import Field
from serving.rows.rows import Row, Rows


class Quotes:
    """Quotation marks that rows take in JSON when no name is there twice.

    A name given twice would be decoded in silence. It, an escape or a null adds quotation marks to these;
    none of them can take one away.

    Args:
        fields: The values of a row.
        named: Whether each value comes with its name, as in an object.
    """

    def __init__(self, fields: Sequence[Field], *, named: bool) -> None:
        each = {field.name: 2 * named + (0 if field.is_number else 2) for field in fields}
        self._row = sum(each.values())
        self._optional = [(field.name, each[field.name]) for field in fields if not field.required]
        # What an absent value takes away is the least of it, and for some fields more.
        self._least = 2 * named
        self._from_text = [place for place, field in enumerate(fields) if field.from_text]
        self._names = [fields[place].name for place in self._from_text]
        self._more = [place for place, field in enumerate(fields) if not (field.is_number or field.required)]

    def count_row(self, row: Row) -> int:
        """The marks of one row, its values in field order."""
        more = sum([row[place] is None for place in self._more])
        if self._from_text:
            more -= sum([row[place].__class__ is str for place in self._from_text])
        return self._row - self._least * row.count(None) - 2 * more

    def count(self, rows: Rows) -> int:
        """The marks of several rows."""
        columns = rows.columns
        absent = sum([columns[name].count(None) * quotes for name, quotes in self._optional])
        texts = sum([value.__class__ is str for name in self._names for value in columns[name]])
        return self._row * rows.size - absent + 2 * texts
