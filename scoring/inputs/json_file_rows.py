"""Rows of a JSON Lines file."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from bundle import Field
from scoring.errors import ScoringError
from scoring.inputs.json_line_rows import JsonLineRows, typed_schema
from scoring.inputs.rows import RowBatch
from serving.rows.json_document import UTF8_MARK

_ROWS = 1 << 16


class JsonFileRows:
    """A file with a JSON object, or an array of values in the order of the fields, on each line.

    It is read twice: first for the names and types of its columns. A column of values of several types, or of
    arrays and objects, is one of JSON texts.

    Args:
        path: The file.
        name: Its name in messages.
        fields: Fields of the model.
        is_table: As of `JsonLineRows`.

    Raises:
        ScoringError: When no line is a row.
    """

    decides_commas = False
    is_plain = True

    def __init__(self, path: Path, name: str, fields: Sequence[Field], *, is_table: bool = False) -> None:
        self._path = path
        self._size = max(path.stat().st_size, 1)
        self._rows = JsonLineRows(fields, is_table=is_table)
        types = self._rows.types(self._lines())
        if not types:
            raise ScoringError(f"{name} has no rows: it needs one JSON object on each line.")
        self.header: Sequence[str] = [*types]
        self.schema = typed_schema(types)

    def batches(self) -> Iterator[RowBatch]:
        """Yields all rows."""
        lines, read = self._lines(), 0
        while block := [*islice(lines, _ROWS)]:
            read += sum(map(len, block)) + len(block)
            yield self._rows.batch(block, self.schema, min(1.0, read / self._size))

    def distinct(self, position: int) -> Iterator[Any]:
        """Yields the distinct values of a column."""
        for batch in self.batches():
            yield batch.rows.column(position).unique()

    def _lines(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            for number, line in enumerate(file):
                bare = line.removeprefix(UTF8_MARK) if not number else line
                if bare.strip():
                    yield bare.strip(b"\r\n")
