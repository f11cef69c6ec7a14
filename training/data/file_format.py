"""Format of a file of rows: its header, and of a text file the encoding and the delimiter too."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from training.errors import TrainingError

# Characters; a longer first line is not a header.
LONGEST_HEADER = 65_536
DELIMITERS = (",", ";", "\t", "|")
UTF8 = "utf-8"
# Every code page over ASCII has the name of the plainest one, and is read as Windows' western one.
OTHER_PAGE, WESTERN = "latin-1", "cp1252"

# The mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Encodings without a mark, with the bytes of a character of ASCII that are not zero.
_WIDE = (("utf-32-le", 4, 0), ("utf-32-be", 4, 3), ("utf-16-le", 2, 0), ("utf-16-be", 2, 1))
# Lines before the header: comments, blank lines, a title.
COMMENT, _MOST_LINES_BEFORE = "#", 30
_NUMBER = re.compile(r"[-+]?[0-9.,]*[0-9][0-9.,%]*")
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
        records_before: Number of those that are not empty.
        has_open_quote: Whether a quotation mark in the header is not closed in its line.
        has_zones: Whether a Parquet file has timestamps with a time zone.
        is_spaced: Whether runs of spaces and tabs separate the cells, so that the text is read with one tab
            for each run; found by `detected_format` only.
    """

    header: tuple[str, ...]
    encoding: str = UTF8
    delimiter: str = ","
    lines_before: int = 0
    records_before: int = 0
    has_open_quote: bool = False
    has_zones: bool = False
    is_spaced: bool = False

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
    encoding = text_encoding(sample)
    content = sample.decode("utf-8-sig" if encoding == UTF8 else encoding, errors="replace")
    lines = _first_lines(content)
    named = _DELIMITER_LINE.fullmatch(lines[0]) if lines else None
    delimiters = (named[1],) if named else DELIMITERS
    found = []
    for one in delimiters:
        cells = [_cells(line, one) for line in lines]
        place = _header_place(cells, 1 if named else 0, matches)
        found.append((place, cells[place] if place < len(cells) else [], one))
    place, header, delimiter = max(found, key=lambda one: matches(one[1]))
    if not any(header):
        raise TrainingError(f"{file} is empty: it needs a header and rows.")
    return FileFormat(
        header=tuple(header),
        encoding=encoding,
        delimiter=delimiter,
        lines_before=place,
        records_before=sum(bool(line.strip("\r\n")) for line in lines[:place]),
        has_open_quote=bool(lines[place].count('"') % 2),
    )


def is_comment(text: str, cells: int, width: int) -> bool:
    """Whether a row is a comment between the rows of a table.

    Args:
        text: Its text, or its first cell.
        cells: Number of its cells.
        width: Number of cells of the header; a row of as many is none, whatever its text.
    """
    return cells != width and text.lstrip().startswith(COMMENT)


def skipped_comment(row: Any) -> str:
    """Decides what Arrow's CSV reader does with a row of another width than the header: skips a comment.

    Any other row is an error.
    """
    return "skip" if is_comment(row.text, row.actual_columns, row.expected_columns) else "error"


def _first_lines(content: str) -> list[str]:
    text = io.StringIO(content, newline="")
    return [line for _ in range(_MOST_LINES_BEFORE) if (line := text.readline(LONGEST_HEADER))]


def _header_place(cells: Sequence[Sequence[str]], first: int, matches: Callable[[Sequence[str]], int]) -> int:
    """Returns the position of the header: the first line that is not blank, no comment and no title."""
    used = [place for place in range(first, len(cells)) if any(cells[place])]
    rest = [place for place in used if not cells[place][0].startswith(COMMENT)]
    for place in used:
        below = [cells[one] for one in rest if one > place]
        if place in rest:
            is_before = _is_title(cells[place], below)
        else:
            is_before = bool(below) and not _is_commented_header(cells[place], below[0], matches)
        if not is_before:
            return place
    return first


def _is_title(line: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a line has one cell only, and a line below it has several names, as many as its rows have."""
    if sum(map(bool, line)) > 1:
        return False
    wide = [one for one in below if sum(map(bool, one)) > 1]
    if not wide or any(map(_NUMBER.fullmatch, wide[0])):
        return False
    return len({*wide[0]}) == len(wide[0]) and {len(one) for one in wide[1:2]} <= {len(wide[0])}


def _is_commented_header(
    comment: Sequence[str], line: Sequence[str], matches: Callable[[Sequence[str]], int]
) -> bool:
    """Whether a line that begins with a number sign has the names of the columns of the line below it."""
    if len(comment) != len(line) or len(comment) < 2:
        return False
    return any(map(_NUMBER.fullmatch, line)) or matches(comment) > matches(line)


def text_encoding(sample: bytes, *, is_whole: bool | None = None) -> str:
    """Returns the encoding that bytes of a text show; OTHER_PAGE stands for every code page over ASCII.

    Args:
        sample: The bytes.
        is_whole: Whether they end with a whole character; None for the beginning of a file, of SAMPLE_BYTES
            at most.
    """
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    for encoding, width, kept in _WIDE:
        if _is_wide(sample, width, kept):
            return encoding
    is_whole = len(sample) < SAMPLE_BYTES if is_whole is None else is_whole
    try:
        codecs.getincrementaldecoder(UTF8)().decode(sample, final=is_whole)
    except UnicodeDecodeError:
        return UTF8 if _is_damaged_utf8(sample) else OTHER_PAGE
    return UTF8


def _is_damaged_utf8(sample: bytes) -> bool:
    """Whether more characters beyond ASCII are UTF-8 than are not, which no text of a code page has."""
    text = sample.decode(UTF8, errors="replace")
    wrong = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", errors="ignore")) - wrong > wrong


def _is_wide(sample: bytes, width: int, kept: int) -> bool:
    """Whether nearly all other bytes than one in each `width` are zero, as of ASCII in UTF-16 or UTF-32."""
    whole = sample[: len(sample) // width * width]
    others = [whole[place::width] for place in range(width) if place != kept]
    shortest = len("FL_DATE")
    return all(len(one) >= shortest and one.count(0) > len(one) * 0.9 for one in others)


def as_utf8(file: pa.NativeFile, encoding: str) -> pa.NativeFile:
    """Returns a file of text in an encoding, as Python names it, as one in UTF-8."""
    if encoding == UTF8:
        return file
    decoder = codecs.getincrementaldecoder(WESTERN if encoding == OTHER_PAGE else encoding)(errors="replace")
    return pa.TransformInputStream(file, lambda block: decoder.decode(block).encode())


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
