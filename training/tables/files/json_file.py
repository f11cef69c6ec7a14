"""JSON Lines, and arrays of objects: an object is a row."""

import re
from collections.abc import Sequence

import msgspec
import pyarrow as pa
import pyarrow.json

from training.errors import TrainingError
from training.tables.columns.cells import Cells, cells_of
from training.tables.columns.column_names import unique_headers
from training.tables.files.opened_file import OpenedFile

_BLOCK_BYTES = 32 << 20
_MIXED = re.compile(r"Column\(/(.+)\) changed from (\w+) to (\w+)")
_REPEATED = re.compile(r"Column\(/(.+)\) was specified twice")


class JsonFile:
    """The rows of a JSON file.

    Args:
        file: The file.

    Raises:
        TrainingError: When a row is no object, or a column has values of different types.
    """

    def __init__(self, file: OpenedFile) -> None:
        self._source = file.source
        is_array = file.kind == "json array"
        try:
            with file.opened() as binary:
                rows = pa.BufferReader(_lines(binary.read())) if is_array else pa.PythonFile(binary, mode="r")
                self._table = pyarrow.json.read_json(
                    rows,
                    pyarrow.json.ReadOptions(block_size=_BLOCK_BYTES),
                    pyarrow.json.ParseOptions(newlines_in_values=is_array),
                )
        except (pa.ArrowInvalid, msgspec.DecodeError) as error:
            raise self._refusal(error) from error
        if len(self._table) == 1 and any(map(pa.types.is_nested, self._table.schema.types)):
            raise self._refusal(ValueError("one object with lists or objects inside"))
        self._positions = {
            name: position for position, name in enumerate(unique_headers(self._table.column_names))
        }

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [*self._positions]

    def columns(self, wanted: Sequence[str]) -> dict[str, Cells]:
        """Reads some columns."""
        return {name: cells_of(self._table.column(self._positions[name])) for name in wanted}

    def _refusal(self, error: Exception) -> TrainingError:
        if (mixed := _MIXED.search(str(error))) and "/" not in mixed[1]:
            name, first, second = mixed.groups()
            return TrainingError(
                f"{self._source} has a {first} in the column {name!r} of one row and a {second} in that of "
                "another: write all values of a column as one type, and an absent one as null."
            )
        if repeated := _REPEATED.search(str(error)):
            return TrainingError(
                f"{self._source} has a row with the name {repeated[1]!r} twice: remove one of them."
            )
        sentence = str(error).strip().partition("\n")[0].rstrip(".")
        return TrainingError(
            f"{self._source} is no JSON that has a table ({sentence}): write one object a line, such as "
            '{"age": 31, "plan": "basic"}, or an array of such objects.'
        )


def _lines(array: bytes) -> bytes:
    return b"\n".join(msgspec.json.decode(array.removeprefix(b"\xef\xbb\xbf"), type=list[msgspec.Raw]))
