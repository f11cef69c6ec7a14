"""A text as the words a model sees in it: one function, for training and for serving."""

import re
import unicodedata

# What scikit-learn's vectorizers take for a word unless told otherwise.
_WORD = re.compile(r"\w\w+")


def tokens(text: str) -> str:
    """The words of a text, folded and joined by one space; "" when there is none.

    A word is two letters, digits or underscores in a row, of any script. Differences of case, of width and of
    how a letter is composed of its accents are gone: "CAF\u00c9" and "cafe\u0301" are one word.

    Source: toNFKC_Casefold of the Unicode Standard, section 3.13.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(_WORD.findall(folded))
