"""Ranges of a large object: they end after a record, know their first row, and cover the whole object."""

import json

import msgspec
import pytest

from bundle.scored_file_formats import RANGE_BYTES, FileError
from serving.files.byte_ranges import MOST_RANGES, Range, find_ranges
from serving.files.csv_records import read_records
from serving.files.summary import CallCounts


def ranges(key: str, content: bytes, *, range_bytes: int) -> list[Range]:
    return find_ranges(key, len(content), lambda start, end: content[start:end], range_bytes=range_bytes)


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("range_bytes", [7, 50, 333])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_ranges_of_a_csv_have_its_rows_and_each_knows_the_header(
    mark: bytes, range_bytes: int, end: bytes
) -> None:
    # Given a CSV with line ends inside of cells
    rows = [[str(number), "a\nb" if number % 3 == 0 else "c"] for number in range(100)]
    lines = "\n".join(f'{number},"{text}"' if "\n" in text else f"{number},{text}" for number, text in rows)
    content = mark + b"number,text\r\n" + lines.encode() + end

    # When its ranges are found
    found = ranges("in/rows.csv", content, range_bytes=range_bytes)

    # Then they cover it, and their rows are those of the file
    assert len(found) > 1
    assert [part.part for part in found] == [*range(1, len(found) + 1)]
    assert [part.end for part in found[:-1]] == [part.start for part in found[1:]]
    assert (found[0].start, found[-1].end) == (len(mark) + 13, len(content))
    assert all(part.header_bytes == len(mark) + 13 for part in found)
    read = [read_records(content[part.start : part.end], is_end=True)[0] for part in found]
    assert [record for part in read for record in part] == rows
    assert [part.first for part in found] == [sum(map(len, read[:place])) for place in range(len(read))]


def test_ranges_of_json_lines_end_at_line_ends() -> None:
    lines = [json.dumps({"number": number}) for number in range(100)]
    content = ("\n".join(lines[:50]) + "\n\n \n" + "\n".join(lines[50:])).encode()

    found = ranges("in/rows.jsonl", content, range_bytes=64)

    parts = [content[part.start : part.end].decode() for part in found]
    assert "".join(parts).encode() == content
    assert all(json.loads(line) for part in parts for line in part.splitlines() if line.strip())
    assert [part.first for part in found][:2] == [0, len(parts[0].splitlines())]
    assert found[-1].first + len([line for line in parts[-1].splitlines() if line.strip()]) == 100


@pytest.mark.parametrize(("key", "size"), [("in/rows.csv.gz", 1000), ("in/rows.csv", 10), ("in/rows.csv", 0)])
def test_a_small_or_compressed_object_is_not_read(key: str, size: int) -> None:
    def refuse(start: int, end: int) -> bytes:
        raise AssertionError(start, end)

    assert find_ranges(key, size, refuse, range_bytes=10) == [Range(start=0, end=size)]


@pytest.mark.slow
def test_a_row_that_does_not_end_is_refused() -> None:
    content = b"number\n" + b"1" * (20 << 20)

    with pytest.raises(FileError, match="has a row of more than 8 MB: split or remove it"):
        ranges("in/rows.csv", content, range_bytes=1 << 20)


def test_an_object_with_too_many_ranges_is_refused() -> None:
    with pytest.raises(FileError, match="has 2,500 ranges, and 2,000 are the most: split it"):
        ranges("in/rows.csv", b"number\n" + b"1\n" * 2_500, range_bytes=1)


def test_the_ranges_of_the_largest_object_pass_through_one_state_of_step_functions() -> None:
    # https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
    most = MOST_RANGES * RANGE_BYTES
    part = Range(start=most, end=most, first=most, part=MOST_RANGES, header_bytes=1 << 20)
    counts = CallCounts(version="0" * 12, rows=RANGE_BYTES, refused=RANGE_BYTES, objects=1, results=1)

    # The state has the input of the object too: its key, the prefix and the place of the results.
    assert len(msgspec.json.encode([part] * MOST_RANGES)) < 250_000
    assert len(msgspec.json.encode([counts] * MOST_RANGES)) < 250_000


@pytest.mark.parametrize("key", ["in/rows.parquet", "in/rows", "in/rows.csv.zip"])
def test_another_format_is_refused(key: str) -> None:
    with pytest.raises(FileError, match=r"ends in none of \.csv, \.jsonl, \.ndjson"):
        ranges(key, b"1", range_bytes=1)
