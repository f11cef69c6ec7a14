"""Records of a CSV, read from the beginning of any one of them, so that a file can be read in ranges."""

import csv
import io
from collections.abc import Iterator, Sequence

from bundle.scored_file_formats import FileError
from serving.rows.csv_rows import Record
from serving.rows.json_document import UTF8_MARK
from serving.rows.row_validator import MalformedRow
from serving.rows.transform_record_lines import csv_record

# Lines of one record, whose cells may contain line ends. A quotation mark that more lines do not close is an
# error of its own line.
MOST_LINES = 100
_LONGEST_HEADER = 1 << 20

CsvRecord = Record | MalformedRow


def read_records(content: bytes, *, is_end: bool) -> tuple[list[CsvRecord], int]:
    """Reads records; empty lines are none.

    Args:
        content: Bytes of the CSV, from the beginning of a record.
        is_end: Whether the CSV, or a range that ends after a record, ends with them.

    Returns:
        The records that end in `content`, and the number of bytes that they take.
    """
    size = len(content) if is_end else content.rfind(b"\n") + 1
    if (records := _read_plain(content[:size])) is not None:
        return records, size
    return _read_quoted(content, is_end=is_end)


def count_records(content: bytes, *, is_end: bool) -> tuple[int, int]:
    """Returns the number of the records that `read_records` reads, and of their bytes."""
    size = len(content) if is_end else content.rfind(b"\n") + 1
    has_empty_lines = b"\n\n" in content or b"\n\r\n" in content or content[:1] in (b"\r", b"\n")
    # A carriage return alone may be an empty line too.
    if b'"' in content or has_empty_lines or content.count(b"\r") != content.count(b"\r\n"):
        records, size = read_records(content, is_end=is_end)
        return len(records), size
    lines = content.count(b"\n", 0, size)
    return lines + (not content.endswith(b"\n", 0, size) and size > 0), size


def read_header(key: str, content: bytes) -> tuple[Record, int]:
    """Returns the header of a CSV file, and the number of bytes that it takes.

    Args:
        key: Key of the object, for messages.
        content: The beginning of the file.

    Raises:
        FileError: When the first line is no header.
    """
    line = content[: _LONGEST_HEADER + 1].partition(b"\n")[0]
    record = csv_record(line.removeprefix(UTF8_MARK))
    if isinstance(record, MalformedRow) or len(line) > _LONGEST_HEADER:
        raise FileError(f"The first line of {key} is no header of a CSV: save it again, as CSV in UTF-8.")
    return record, min(len(line) + 1, len(content))


def _read_plain(content: bytes) -> list[CsvRecord] | None:
    """Reads records without quotation marks, all at once; None when there are any."""
    if b'"' in content or b"\0" in content or content.count(b"\r") != content.count(b"\r\n"):
        return None
    try:
        return [record for record in csv.reader(io.StringIO(content.decode(), newline="")) if record]
    except (UnicodeDecodeError, csv.Error):
        return None


def _read_quoted(content: bytes, *, is_end: bool) -> tuple[list[CsvRecord], int]:
    lines = content.split(b"\n")
    rest = b"" if is_end else lines.pop()
    records: list[CsvRecord] = []
    position = 0
    while position < len(lines):
        count = _lines_of_record(lines, position)
        if count is None and not is_end and len(lines) - position < MOST_LINES:
            rest = b"\n".join([*lines[position:], rest])
            break
        records += _read_lines(lines[position : position + (count or 1)])
        position += count or 1
    return records, len(content) - len(rest)


def _lines_of_record(lines: Sequence[bytes], position: int) -> int | None:
    """Returns after how many lines every quotation mark is closed; None when too many do not close one."""
    is_open = False
    for count, line in enumerate(lines[position : position + MOST_LINES], start=1):
        is_open ^= line.count(b'"') % 2 == 1
        if not is_open:
            return count
    return None


def _read_lines(lines: Sequence[bytes]) -> Iterator[CsvRecord]:
    if len(lines) > 1:
        try:
            text = b"\n".join(lines).decode().rstrip("\r")
            found = [record for record in csv.reader(io.StringIO(text, newline=""), strict=True) if record]
        except (UnicodeDecodeError, csv.Error):
            found = []
        if found:
            yield from found
            return
    for line in lines:
        if line.rstrip(b"\r"):
            yield csv_record(line)
