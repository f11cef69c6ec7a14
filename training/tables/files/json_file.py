"""JSON Lines, and arrays of objects: an object is a row."""

import re
from collections.abc import Sequence

import msgspec
import pyarrow as pa
import pyarrow.json

from training.data.file_format import as_utf8, text_encoding
from training.errors import TrainingError
from training.tables.columns.cells import Cells, cells_of
from training.tables.columns.column_names import unique_headers
from training.tables.files.mixed_json_columns import uniform_lines, with_nulls
from training.tables.files.opened_file import OpenedFile

_BLOCK_BYTES = 32 << 20
_MIXED = " changed from "
_REPEATED = re.compile(r"Column\(/(.+)\) was specified twice")


class JsonFile:
    """The rows of a JSON file.

    A column of numbers beside strings is one of texts, as in a CSV file.

    Args:
        file: The file.

    Raises:
        TrainingError: When a row is no object.
    """

    def __init__(self, file: OpenedFile) -> None:
        self._file, self._is_array = file, file.kind == "json array"
        try:
            self._table = self._read()
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

    @property
    def _is_indented(self) -> bool:
        return self._file.start.lstrip().partition(b"\n")[0].strip() == b"{"

    def _read(self) -> pa.Table:
        with self._file.opened() as binary:
            lines = as_utf8(pa.PythonFile(binary, mode="r"), text_encoding(self._file.start))
            try:
                return self._parsed(pa.BufferReader(_lines(lines.read())) if self._is_array else lines)
            except pa.ArrowInvalid as error:
                if _MIXED not in str(error):
                    raise
        with self._file.opened() as binary:
            content = as_utf8(pa.PythonFile(binary, mode="r"), text_encoding(self._file.start)).read()
        return self._parsed(pa.BufferReader(uniform_lines(content, is_array=self._is_array)))

    def _parsed(self, lines: pa.NativeFile) -> pa.Table:
        return pyarrow.json.read_json(
            lines,
            pyarrow.json.ReadOptions(block_size=_BLOCK_BYTES),
            pyarrow.json.ParseOptions(newlines_in_values=self._is_array or self._is_indented),
        )

    def _refusal(self, error: Exception) -> TrainingError:
        source = self._file.source
        if repeated := _REPEATED.search(str(error)):
            return TrainingError(
                f"{source} has a row with the name {repeated[1]!r} twice: remove one of them."
            )
        sentence = str(error).strip().partition("\n")[0].rstrip(".")
        return TrainingError(
            f"{source} is no JSON that has a table ({sentence}): write one object a line, such as "
            '{"age": 31, "plan": "basic"}, or an array of such objects (pandas: orient="records").'
        )


def _lines(array: bytes) -> bytes:
    plain = with_nulls(array.removeprefix(b"\xef\xbb\xbf"))
    return b"\n".join(msgspec.json.decode(plain, type=list[msgspec.Raw]))
