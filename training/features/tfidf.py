"""TF-IDF of texts, and its ONNX converter.

skl2onnx converts scikit-learn's vectorizer to com.microsoft's Tokenizer, which is not a standard operator and
splits "straße" in two, because its words are `[a-zA-Z0-9_]+`, and to a StringNormalizer, which needs a locale
of the machine. Here `bundle.tokens` finds the words before the graph, which only splits at spaces.
"""

from typing import Any, Self

import numpy as np
from onnx import TensorProto
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import FloatTensorType
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer

_SEPARATOR = " "


class TfidfWords(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """TF-IDF of the words and short phrases of one column of texts, each row scaled to length 1.

    Args:
        longest: Largest number of words in a phrase.
        rarest: Smallest number of texts with a phrase.
        most: Largest number of phrases; the most frequent are kept.
    """

    def __init__(self, *, longest: int = 2, rarest: int = 2, most: int = 10_000) -> None:
        self.longest = longest
        self.rarest = rarest
        self.most = most

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803  # scikit-learn passes X by name
        """Fits the vocabulary and the rarity of each phrase."""
        del y
        self.vectorizer_ = TfidfVectorizer(
            tokenizer=str.split,
            token_pattern=None,
            lowercase=False,
            ngram_range=(1, self.longest),
            min_df=self.rarest,
            max_features=self.most,
        ).fit(_column(X))
        return self

    def transform(self, X: Any) -> Any:  # noqa: N803  # scikit-learn passes X by name
        """Computes a sparse matrix of shape (texts, phrases); texts without known words are zeros."""
        return self.vectorizer_.transform(_column(X))


def _column(rows: Any) -> list[str]:
    return [str(text) for text in np.asarray(rows, dtype=object)[:, 0]]


def _set_shape(operator: Any) -> None:
    columns = len(operator.raw_operator.vectorizer_.vocabulary_)
    operator.outputs[0].type = FloatTensorType([None, columns])


def convert_words(scope: Any, operator: Any, container: Any) -> None:
    """Splits at spaces, counts phrases, weighs each by its rarity, and scales the row to length 1."""
    vectorizer = operator.raw_operator.vectorizer_
    constants = {
        "word_axis": (TensorProto.INT64, [1], [1]),
        "rarity": (TensorProto.FLOAT, [len(vectorizer.idf_)], vectorizer.idf_.astype(np.float32).tolist()),
    }
    named = {name: scope.get_unique_variable_name(name) for name in constants}
    for name, constant in constants.items():
        container.add_initializer(named[name], *constant)
    steps = ("split", "lengths", "words", "counts", "weighed")
    split, lengths, words, counts, weighed = map(scope.get_unique_variable_name, steps)

    def add(kind: str, inputs: list[str], outputs: list[str], domain: str = "", **attributes: Any) -> None:
        name = scope.get_unique_operator_name(kind)
        container.add_node(kind, inputs, outputs, op_domain=domain, name=name, **attributes)

    add("StringSplit", [operator.inputs[0].full_name], [split, lengths], delimiter=_SEPARATOR)
    # StringSplit returns shape (rows, 1, words).
    add("Squeeze", [split, named["word_axis"]], [words])
    add("TfIdfVectorizer", [words], [counts], **_phrases(vectorizer))
    add("Mul", [counts, named["rarity"]], [weighed])
    add("Normalizer", [weighed], [operator.outputs[0].full_name], "ai.onnx.ml", norm="L2")


def _phrases(vectorizer: Any) -> dict[str, Any]:
    """The vocabulary as attributes of TfIdfVectorizer: single words, then pairs, and the column of each."""
    longest = vectorizer.ngram_range[1]
    by_length: list[list[tuple[str, int]]] = [[] for _ in range(longest)]
    for phrase, column in sorted(vectorizer.vocabulary_.items()):
        by_length[phrase.count(_SEPARATOR)].append((phrase, int(column)))
    pool = [[word for phrase, _ in phrases for word in phrase.split(_SEPARATOR)] for phrases in by_length]
    return {
        "mode": "TF",
        "min_gram_length": 1,
        "max_gram_length": longest,
        "max_skip_count": 0,
        "ngram_counts": [sum(map(len, pool[:length])) for length in range(longest)],
        "ngram_indexes": [column for phrases in by_length for _, column in phrases],
        "pool_strings": [word.encode() for words in pool for word in words],
    }


update_registered_converter(TfidfWords, "TrainingWords", _set_shape, convert_words, overwrite=True)
