"""File of JSON as JSON Lines in UTF-8; an array, or a file in another encoding, is written so."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pyarrow as pa

from scoring.errors import ScoringError
from training.data.file_format import SAMPLE_BYTES, UTF8, as_utf8, text_encoding
from training.data.temporary_folder import temporary_folder
from training.tables.files.mixed_json_columns import with_nulls

_CHUNK = 1 << 20
_UNPACKED = "json-"
_BYTE_ORDER_MARK = "\ufeff"
_LINE_ENDS = bytes.maketrans(b"\r\n", b"  ")


@contextmanager
def json_lines(path: Path, name: str, folder: Path) -> Iterator[Path]:
    """Yields the path of the rows as JSON Lines in UTF-8: of the file itself, or of a temporary copy.

    Args:
        path: The unpacked file.
        name: Its name in messages.
        folder: Folder for temporary files.

    Raises:
        ScoringError: When it is an array that is damaged.
    """
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
    encoding = text_encoding(sample)
    start = sample[:_CHUNK].decode(encoding, errors="ignore").removeprefix(_BYTE_ORDER_MARK).lstrip()
    # A line may be an array too, of values in the order of the fields.
    has_objects = start.removeprefix("[").lstrip().startswith("{")
    is_array = start.startswith("[") and (has_objects or path.suffix.lower() == ".json")
    is_indented = start.partition("\n")[0].strip() == "{"
    if encoding == UTF8 and not is_array and not is_indented:
        yield path
        return
    with temporary_folder(folder, _UNPACKED) as temporary:
        plain = temporary / "rows.jsonl"
        with pa.OSFile(str(path)) as source, plain.open("wb") as target:
            text = as_utf8(source, encoding)
            if is_array:
                target.writelines(_rows(text.read(), name))
            elif is_indented:
                target.writelines(_indented_rows(text.read().decode(), name))
            else:
                while block := text.read(_CHUNK):
                    target.write(block)
        yield plain


def _indented_rows(text: str, name: str) -> Iterator[bytes]:
    """Yields the objects of a text with an object on several lines, each in one line."""
    text, decode = text.removeprefix(_BYTE_ORDER_MARK).strip(), json.JSONDecoder(strict=False).raw_decode
    end = 0
    while end < len(text):
        first = end
        try:
            end = decode(text, first)[1]
        except json.JSONDecodeError as error:
            raise ScoringError(
                f"{name} is no JSON ({error}): write one object a line, or an array of objects."
            ) from error
        yield text[first:end].encode().translate(_LINE_ENDS) + b"\n"
        while end < len(text) and text[end] in " \t\r\n,":
            end += 1


def _rows(array: bytes, name: str) -> Iterator[bytes]:
    """Yields the values of an array, each in one line."""
    try:
        values = msgspec.json.decode(
            with_nulls(array.removeprefix(_BYTE_ORDER_MARK.encode())), type=list[msgspec.Raw]
        )
    except msgspec.DecodeError as error:
        raise ScoringError(
            f"{name} is no JSON ({error}): write one object a line, or an array of objects."
        ) from error
    for value in values:
        # A text of JSON has no line ends, so they are between its parts.
        yield bytes(value).translate(_LINE_ENDS) + b"\n"
