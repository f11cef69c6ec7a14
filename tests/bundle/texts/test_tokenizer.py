"""Words by the options of scikit-learn's vectorizers, beside its own analyzer."""

from typing import Any

import msgspec
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from bundle import WordRule, splitter, tokens

TEXTS = (
    "The crew's café, e-mail & 24/7: NOT good!",
    "CAFÉ cafe\u0301 Straße STRASSE ﬁne \uff21\uff11\uff12 ½ ²",
    "İstanbul \u0131l\u0131k ΣΊΣΥΦΟΣ приВет 日本語 😀 👍🏽",
    " two\nlines\tand\xa0more\x1fx_1 ",
    "",
    "😀 !!! a",
)


@pytest.mark.parametrize(
    ("rule", "options"),
    [
        (WordRule(), {}),
        (WordRule(lowercase=False), {"lowercase": False}),
        (WordRule(accents="unicode"), {"strip_accents": "unicode"}),
        (WordRule(accents="ascii"), {"strip_accents": "ascii"}),
        (WordRule(stop_words=("the", "not")), {"stop_words": ["the", "not"]}),
        (WordRule(pattern=r"[a-zA-Z]{3,}"), {"token_pattern": r"[a-zA-Z]{3,}"}),
    ],
)
def test_words_are_those_of_the_vectorizer(rule: WordRule, options: dict[str, Any]) -> None:
    analyze = CountVectorizer(**options).build_analyzer()

    assert [rule.joined(text).split() for text in TEXTS] == [analyze(text) for text in TEXTS]


def test_a_text_without_a_rule_has_its_case_folded_words() -> None:
    assert splitter(msgspec.UNSET) is tokens
    assert splitter(WordRule())("Straße") == "straße"
    assert tokens("Straße") == "strasse"
