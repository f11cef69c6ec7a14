"""Tokenizer of free texts: finds their words before the graph, which only splits at spaces."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Literal

import msgspec

# Default token_pattern of scikit-learn's vectorizers.
WORD_PATTERN = r"(?u)\b\w\w+\b"
_WORD = re.compile(r"\w\w+")


class WordRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Rule by which the words of a text are found, as by a vectorizer of scikit-learn.

    Source: https://scikit-learn.org/stable/modules/feature_extraction.html (CountVectorizer)

    Attributes:
        pattern: Regular expression of a word, without a space in it.
        lowercase: Whether upper case becomes lower case.
        accents: `kept`, or removed as strip_accents="unicode" or "ascii" does.
        stop_words: Words that are left out.
    """

    pattern: str = WORD_PATTERN
    lowercase: bool = True
    accents: Literal["kept", "unicode", "ascii"] = "kept"
    stop_words: tuple[str, ...] = ()

    def joined(self, text: str) -> str:
        """Returns the words of a text, joined by one space; "" when it has none."""
        text = text.lower() if self.lowercase else text
        if self.accents != "kept":
            text = _without_accents(text, self.accents)
        found = _compiled(self.pattern).findall(text)
        if self.stop_words:
            left_out = _left_out(self.stop_words)
            found = [word for word in found if word not in left_out]
        return " ".join(found)


def splitter(rule: WordRule | msgspec.UnsetType) -> Callable[[str], str]:
    """Returns the function that joins the words of a text by one space: by a rule, else `tokens`."""
    return rule.joined if rule else tokens


def tokens(text: str) -> str:
    """Returns the case-folded words of a text, joined by one space; "" when it has none.

    A word is two or more letters, digits or underscores in a row, of any script. Differences of case, of
    width and of composition are removed: "CAF\u00c9" and "cafe\u0301" are one word.

    Source: toNFKC_Casefold of the Unicode Standard, section 3.13.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(_WORD.findall(folded))


def _without_accents(text: str, kind: str) -> str:
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    if kind == "ascii":
        return decomposed.encode("ascii", "ignore").decode("ascii")
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@lru_cache(maxsize=64)
def _left_out(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(words)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
