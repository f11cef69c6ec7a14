"""TF-IDF of texts, and how it is written as ONNX operators.

skl2onnx writes scikit-learn's vectorizer with com.microsoft's Tokenizer, which is no standard operator and
takes `[a-zA-Z0-9_]+` for a word, so "straße" is two, and with a StringNormalizer that needs a locale of the
machine. Here the words were found before the graph, by `bundle.tokens`: it only splits at spaces.
"""

from typing import Any, Self

import numpy as np
from onnx import TensorProto
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import FloatTensorType
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer

_SEPARATOR = " "


class Words(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """TF-IDF of the words and short phrases of one column of texts, each row of length 1.

    Args:
        longest: Most words of a phrase.
        rarest: In how many texts a phrase must be.
        most: How many phrases are kept, the most frequent ones.
    """

    def __init__(self, *, longest: int = 2, rarest: int = 2, most: int = 10_000) -> None:
        self.longest = longest
        self.rarest = rarest
        self.most = most

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803  # scikit-learn passes X by name
        """Learns which phrases there are, and how rare each is."""
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
        """A sparse matrix, a row a text and a column a phrase; a text of unknown words is a row of zeros."""
        return self.vectorizer_.transform(_column(X))


def _column(rows: Any) -> list[str]:
    return [str(text) for text in np.asarray(rows, dtype=object)[:, 0]]


def _set_shape(operator: Any) -> None:
    columns = len(operator.raw_operator.vectorizer_.vocabulary_)
    operator.outputs[0].type = FloatTensorType([None, columns])


def _convert(scope: Any, operator: Any, container: Any) -> None:
    """Split at spaces, count phrases, weigh each by its rarity, and scale the row to length 1."""
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
    # A column of texts is split into a table for each row, of that one column.
    add("Squeeze", [split, named["word_axis"]], [words])
    add("TfIdfVectorizer", [words], [counts], **_phrases(vectorizer))
    add("Mul", [counts, named["rarity"]], [weighed])
    add("Normalizer", [weighed], [operator.outputs[0].full_name], "ai.onnx.ml", norm="L2")


def _phrases(vectorizer: Any) -> dict[str, Any]:
    """The vocabulary as TfIdfVectorizer has it: single words, then pairs, and where each is counted."""
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


update_registered_converter(Words, "TrainingWords", _set_shape, _convert, overwrite=True)
