"""Numbers with their nouns in messages."""

import pytest

from bundle.texts.counted_noun import counted


@pytest.mark.parametrize(
    ("number", "noun", "expected"),
    [(1, "row", "1 row"), (0, "row", "0 rows"), (1_200, "class", "1,200 classes")],
)
def test_a_noun_has_the_number_of_its_things(number: int, noun: str, expected: str) -> None:
    assert counted(number, noun) == expected
