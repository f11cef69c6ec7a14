"""The encoding of a text that began as UTF-8."""

import pytest

from training.data.file_format import OTHER_PAGE, UTF8, text_encoding
from training.errors import TrainingError
from training.tables.files.full_text_encoding import full_text_encoding

ASCII = b"plain,1\n" * 3


@pytest.mark.parametrize("encoding", ["cp1252", "cp1251"])
def test_bytes_of_ascii_leave_the_encoding_to_those_after_them(encoding: str) -> None:
    text = "größe,2\n" if encoding == "cp1252" else "размер,2\n"

    assert full_text_encoding([ASCII, ASCII, text.encode(encoding)], "rows.csv") == OTHER_PAGE
    assert full_text_encoding([ASCII, ASCII, text.encode()], "rows.csv") == UTF8


def test_a_character_between_two_blocks_is_whole() -> None:
    text = ASCII + "größe,2\n".encode()
    place = text.index("ß".encode()) + 1

    assert full_text_encoding([text[:place], text[place:]], "rows.csv") == UTF8


def test_bytes_of_another_encoding_after_utf_8_are_refused_with_their_line() -> None:
    blocks = [ASCII, "größe,2\n".encode(), b"a,1\ngr\xf6\xdfe,2\n"]

    with pytest.raises(TrainingError, match=r"rows.csv is a text in UTF-8, and its line 6 has bytes"):
        full_text_encoding(blocks, "rows.csv")


def test_a_damaged_character_of_utf_8_makes_no_code_page_of_the_text() -> None:
    damaged = "größe\nhöhe\n".encode() + "größ".encode()[:-1]

    assert text_encoding(damaged) == UTF8
    assert text_encoding("größe, höhe\n".encode("cp1252")) == OTHER_PAGE
