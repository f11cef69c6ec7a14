import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from bundle import tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I hate this movie", "hate this movie"),
        ("  So: well-made!\n\tSO  ", "so well made so"),
        ("STRASSE straße", "strasse strasse"),
        ("CAFÉ cafe\u0301 ｃａｆé", "café café café"),
        ("ΟΔΟΣ οδός", "οδοσ οδόσ"),
        ("Ночь 2 длинная, 20", "ночь длинная 20"),
        ("電影很好", "電影很好"),
        ("\N{LATIN SMALL LIGATURE FI}lm", "film"),
        ("a b c", ""),
        ("\N{GRINNING FACE} ...", ""),
        ("", ""),
    ],
)
def test_a_text_becomes_its_words_folded(text: str, words: str) -> None:
    assert tokens(text) == words


@given(st.text(st.characters(max_codepoint=127)))
def test_of_plain_text_the_words_are_those_scikit_learn_finds(text: str) -> None:
    assert tokens(text).split() == CountVectorizer().build_analyzer()(text)


@given(st.text())
def test_one_space_and_nothing_else_stands_between_words(text: str) -> None:
    assert tokens(text).split(" ") == re.findall(r"\w\w+", tokens(text)) or tokens(text) == ""


@given(st.text())
def test_the_words_of_the_words_are_the_words(text: str) -> None:
    assert tokens(tokens(text)) == tokens(text)
