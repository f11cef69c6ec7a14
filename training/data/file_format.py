"""Format of a file of rows: its header, and of a text file the encoding and the delimiter too."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from training.errors import TrainingError

# Characters; a longer first line is not a header.
LONGEST_HEADER = 65_536
DELIMITERS = (",", ";", "\t", "|")
UTF8 = "utf-8"

_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SAMPLE_BYTES = 1 << 20
# "1,234" and "1,234,567", which are whole numbers to some and decimals to others.
GROUPED = r"^\s*[-+]?[0-9]{1,3}(,[0-9]{3})+\s*$"
# "1.234,5" and "1.234", where the comma is the decimal point.
POINTS = r"^\s*[-+]?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?\s*$"
# Numbers with a decimal comma, such as "3,5" and "1.234,5".
DECIMAL_COMMA = r"^\s*[-+]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+),[0-9]+\s*$"
# Excel writes and reads a first line that names the delimiter.
_DELIMITER_LINE = re.compile(r'"?sep=(.)"?\s*')


@dataclass(frozen=True, kw_only=True)
class FileFormat:
    """Header of a file, and how its text is to be read.

    Attributes:
        header: Column names in the file.
        encoding: Encoding of a text file, as Python names it.
        delimiter: Character between the cells of a text file.
        lines_before: Number of lines before the header.
        has_zones: Whether a Parquet file has timestamps with a time zone.
    """

    header: tuple[str, ...]
    encoding: str = UTF8
    delimiter: str = ","
    lines_before: int = 0
    has_zones: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether every engine reads the file as it is."""
        return (self.encoding, self.delimiter, self.lines_before) == (UTF8, ",", 0) and not self.has_zones


def read_format(path: Path, file: str, matches: Callable[[Sequence[str]], int]) -> FileFormat:
    """Reads the header of a CSV or Parquet file, and recognizes the format of a text.

    Args:
        path: Path of the file.
        file: Its name in messages.
        matches: Counts the known columns in a header; a text has the delimiter that gives the most.

    Raises:
        TrainingError: When the file is empty, or is not readable as Parquet.
    """
    if path.suffix.lower() == ".parquet":
        schema = _parquet_schema(path, file)
        return FileFormat(header=tuple(schema.names), has_zones=any(map(is_zoned, schema.types)))
    with path.open("rb") as binary:
        return text_format(binary.read(SAMPLE_BYTES), file, matches)


def text_format(sample: bytes, file: str, matches: Callable[[Sequence[str]], int]) -> FileFormat:
    """Recognizes the format of a text by its first SAMPLE_BYTES; arguments and errors as `read_format`."""
    encoding = _encoding(sample)
    content = sample.decode("utf-8-sig" if encoding == UTF8 else encoding, errors="replace")
    text = io.StringIO(content, newline="")
    first = text.readline(LONGEST_HEADER)
    named = _DELIMITER_LINE.fullmatch(first)
    if named:
        first = text.readline(LONGEST_HEADER)
    if not first.strip():
        raise TrainingError(f"{file} is empty: it needs a header and rows.")
    delimiter = named[1] if named else max(DELIMITERS, key=lambda one: matches(_cells(first, one)))
    return FileFormat(
        header=tuple(_cells(first, delimiter)),
        encoding=encoding,
        delimiter=delimiter,
        lines_before=1 if named else 0,
    )


def _encoding(sample: bytes) -> str:
    """Returns the encoding that the first bytes show; latin-1 stands for every code page over ASCII."""
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    # Text without a mark in UTF-16: every other byte of ASCII is zero.
    pairs = sample[: len(sample) // 2 * 2]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = pairs[first::2]
        if len(half) >= len("FL_DATE") and half.count(0) > len(half) * 0.9:
            return encoding
    try:
        codecs.getincrementaldecoder(UTF8)().decode(sample, final=len(sample) < SAMPLE_BYTES)
    except UnicodeDecodeError:
        return "latin-1"
    return UTF8


def _cells(line: str, delimiter: str) -> list[str]:
    return [name.strip() for name in next(csv.reader([line.replace("\0", "?")], delimiter=delimiter))]


def with_points(texts: pa.Array) -> pa.Array:
    """Replaces decimal commas by points, and removes the points between thousands."""
    has_points = pc.match_substring_regex(texts, POINTS)
    return pc.replace_substring(pc.if_else(has_points, pc.replace_substring(texts, ".", ""), texts), ",", ".")


def ambiguous_comma(file: str, text: str, column: str) -> TrainingError:
    """Returns the error of a file whose every comma in a number may separate thousands or decimals."""
    return TrainingError(
        f"{file} has {text!r} in column {column}, where the comma may separate thousands or decimals, and no "
        "other number of the file decides it: write its numbers without thousands separators, and with a "
        "decimal point."
    )


def is_zoned(kind: pa.DataType) -> bool:
    """Whether values of an Arrow type are timestamps with a time zone."""
    return pa.types.is_timestamp(kind) and bool(kind.tz)


def _parquet_schema(path: Path, file: str) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise TrainingError(
            f"{file} cannot be read as Parquet ({_one_line(error)}): download it again."
        ) from error


def _one_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
