"""Records of a CSV: line ends, quotation marks, and reading from the beginning of any record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundle.scored_file_formats import FileError
from serving.files.csv_records import MOST_LINES, count_records, read_header, read_records
from serving.rows.row_validator import MalformedRow

PIECES = st.sampled_from(["a", "1", ",", '"', "\n", "\r\n", '""', '"b\nc"', "é", "\0", "\r"])
TEXTS = st.lists(PIECES, max_size=60).map("".join)


def records(content: bytes) -> list[list[str] | None]:
    """The records of a whole CSV; None for a malformed one."""
    found, size = read_records(content, is_end=True)
    assert size == len(content)
    return [None if isinstance(record, MalformedRow) else record for record in found]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"1,a\n2,b\n", [["1", "a"], ["2", "b"]]),
        (b"1,a\r\n2,b\r\n", [["1", "a"], ["2", "b"]]),
        (b"1,a\n2,b", [["1", "a"], ["2", "b"]]),
        (b"\n1,a\n\r\n\n2,b\n", [["1", "a"], ["2", "b"]]),
        (b'1,"a\nb, c"\n2,b\n', [["1", "a\nb, c"], ["2", "b"]]),
        (b'1,"a\r\nb"\r\n2,b\r\n', [["1", "a\r\nb"], ["2", "b"]]),
        (b'1,"say ""hi"""\n', [["1", 'say "hi"']]),
        (b"1,\xff\n2,b\n", [None, ["2", "b"]]),
        (b"1,\0\n2,b\n", [None, ["2", "b"]]),
    ],
)
def test_records_end_at_line_ends_outside_of_quotation_marks(
    content: bytes, expected: list[list[str] | None]
) -> None:
    assert records(content) == expected


def test_a_quotation_mark_that_is_not_closed_is_an_error_of_its_own_line_only() -> None:
    rest = b"2,b\n" * (MOST_LINES + 5)

    found = records(b'1,"a\n' + rest)

    assert found == [None, *[["2", "b"]] * (MOST_LINES + 5)]


def test_two_inches_in_a_short_file_are_text() -> None:
    assert records(b'5",1\n6,2\n7",3\n') == [['5"', "1"], ["6", "2"], ['7"', "3"]]


@given(text=TEXTS, data=st.data())
def test_a_file_read_in_pieces_has_the_same_records_in_every_range(text: str, data: st.DataObject) -> None:
    # Given a file that is read in two pieces
    content = text.encode()
    cut = data.draw(st.integers(0, len(content)))
    head, size = read_records(content[:cut], is_end=False)

    # When each of the ranges is read alone
    first, _ = read_records(content[:size], is_end=True)
    second, _ = read_records(content[size:], is_end=True)

    # Then they have the records of the whole file, and the counts are right
    assert first == head
    assert [*first, *second] == read_records(content, is_end=True)[0]
    assert count_records(content[:cut], is_end=False) == (len(head), size)
    assert count_records(content, is_end=True) == (len(first) + len(second), len(content))


@pytest.mark.parametrize(
    ("content", "header", "size"),
    [
        (b"a,b\n1,2\n", ["a", "b"], 4),
        (b"\xef\xbb\xbfa,b\r\n1,2\n", ["a", "b"], 8),
        (b'"a","b"', ["a", "b"], 7),
    ],
)
def test_a_header_is_the_first_line(content: bytes, header: list[str], size: int) -> None:
    assert read_header("in/rows.csv", content) == (header, size)


@pytest.mark.parametrize("content", ["ä,b\n1,2\n".encode("utf-16"), b"PAR1\xff\xfe\x00", b"a" * 2_000_000])
def test_another_file_has_no_header(content: bytes) -> None:
    with pytest.raises(FileError, match=r"first line of in/rows\.csv is no header"):
        read_header("in/rows.csv", content)
