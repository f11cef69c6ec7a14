"""Ranges of a large object, which end after a record, so that several calls can score it at once."""

from collections.abc import Callable

import msgspec

from bundle.scored_file_formats import CSV, FileError, format_of
from serving.files.csv_records import count_records, read_header
from serving.files.json_file_rows import count_lines

# Bytes that one request to S3 reads.
_CHUNK_BYTES = 8 << 20
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html: an execution has 25,000 events, of
# which each range makes eight, and a state holds 256 KB.
MOST_RANGES = 2_000

# Reads the bytes of an object from the first number to before the second.
Reader = Callable[[int, int], bytes]


class Range(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Part of an object.

    Attributes:
        start: Its first byte.
        end: The byte after its last.
        first: Number of rows of the object before it.
        part: Number of the part, from 1 on; 0 when the range is the whole object.
        header_bytes: Bytes at the beginning of a CSV that have its header; not the header itself, because
            all ranges of an object pass through one state of Step Functions, which holds 256 KB.
        problem: Why the object cannot be scored; empty when it can.
    """

    start: int
    end: int
    first: int = 0
    part: int = 0
    header_bytes: int = 0
    problem: str = ""


def find_ranges(key: str, size: int, read: Reader, *, range_bytes: int) -> list[Range]:
    """Reads an object once, and returns its ranges.

    Args:
        key: Key of the object.
        size: Its bytes.
        read: Reads some of them.
        range_bytes: Bytes after which a range ends with the next record.

    Raises:
        FileError: When the object is no CSV or JSON Lines, or too large.
    """
    form = format_of(key)
    if form.is_packed or size <= range_bytes:
        return [Range(start=0, end=size)]
    # Ranges are at most a quarter longer than asked.
    most = min(_CHUNK_BYTES, max(range_bytes // 4, 1))
    start = 0
    if form.name == CSV:
        _, start = read_header(key, read(0, min(size, _CHUNK_BYTES)))
    count = count_records if form.name == CSV else count_lines
    found: list[Range] = []
    header_bytes = start
    rest, position, rows, before = b"", start, 0, 0
    while position < size:
        upto = min(position + most, size)
        content = rest + read(position, upto)
        position = upto
        number, taken = count(content, is_end=position == size)
        rest = content[taken:]
        if len(rest) > _CHUNK_BYTES:
            raise FileError(f"{key} has a row of more than {_CHUNK_BYTES >> 20} MB: split or remove it.")
        rows += number
        end = position - len(rest)
        if position == size or end - start >= range_bytes:
            found.append(
                Range(start=start, end=end, first=before, part=len(found) + 1, header_bytes=header_bytes)
            )
            start, before = end, rows
    if len(found) > MOST_RANGES:
        raise FileError(f"{key} has {len(found):,} ranges, and {MOST_RANGES:,} are the most: split it.")
    return found or [Range(start=0, end=size)]
