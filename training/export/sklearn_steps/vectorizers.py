"""Vectorizers of texts as operators of ONNX; the words are found before the graph."""

from typing import Any

import numpy as np
from onnx import TensorProto
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import FloatTensorType
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer

from training.errors import TrainingError
from training.export.graphs.graph_builder import GraphBuilder

_SEPARATOR = " "
# A request of 1,000 rows then takes 120 MB in the graph.
_MOST_WORDS = 30_000


def register_vectorizer_converters() -> None:
    """Registers the converters."""
    for kind in (CountVectorizer, TfidfVectorizer):
        update_registered_converter(kind, f"Training{kind.__name__}", _shapes, _convert, overwrite=True)
    update_registered_converter(
        TfidfTransformer, "TrainingTfidfTransformer", _keep_shape, _convert_weights, overwrite=True
    )


def _shapes(operator: Any) -> None:
    vectorizer = operator.raw_operator
    width = len(vectorizer.vocabulary_)
    if width > _MOST_WORDS:
        raise TrainingError(
            f"The {type(vectorizer).__name__} has {width:,} words, and a graph takes at most "
            f"{_MOST_WORDS:,}: fit it with max_features={_MOST_WORDS} or a larger min_df."
        )
    operator.outputs[0].type = FloatTensorType([None, width])


def _convert(scope: Any, operator: Any, container: Any) -> None:
    """Splits at spaces, counts words and phrases, weighs and scales them."""
    graph, vectorizer = GraphBuilder(scope, container), operator.raw_operator
    split, lengths = scope.get_unique_variable_name("split"), scope.get_unique_variable_name("lengths")
    container.add_node(
        "StringSplit",
        [operator.inputs[0].full_name],
        [split, lengths],
        name=scope.get_unique_operator_name("StringSplit"),
        delimiter=_SEPARATOR,
    )
    # StringSplit returns shape (rows, 1, words).
    words = graph.add("Squeeze", [split, graph.constant(TensorProto.INT64, [1], [1])])
    found = graph.add("TfIdfVectorizer", [words], **_phrases(vectorizer))
    if vectorizer.binary:
        found = graph.add("Min", [found, _number(graph, 1.0)])
    if isinstance(vectorizer, TfidfVectorizer):
        found = _weighed(graph, found, vectorizer)
    graph.add("Identity", [found], output=operator.outputs[0].full_name)


def _keep_shape(operator: Any) -> None:
    operator.outputs[0].type = FloatTensorType([None, operator.inputs[0].type.shape[1]])


def _convert_weights(scope: Any, operator: Any, container: Any) -> None:
    graph = GraphBuilder(scope, container)
    counts = graph.add("Cast", [operator.inputs[0].full_name], to=TensorProto.FLOAT)
    found = _weighed(graph, counts, operator.raw_operator)
    graph.add("Identity", [found], output=operator.outputs[0].full_name)


def _weighed(graph: GraphBuilder, counts: str, vectorizer: Any) -> str:
    found = counts
    if vectorizer.sublinear_tf:
        logarithm = graph.add("Add", [graph.add("Log", [counts]), _number(graph, 1.0)])
        is_found = graph.add("Greater", [counts, _number(graph, 0.0)])
        found = graph.add("Where", [is_found, logarithm, counts])
    if vectorizer.use_idf:
        rarity = np.asarray(vectorizer.idf_, dtype=np.float64)
        found = graph.add("Mul", [found, graph.constant(TensorProto.FLOAT, [len(rarity)], rarity.tolist())])
    if vectorizer.norm:
        axes = graph.constant(TensorProto.INT64, [1], [1])
        reduce = "ReduceL2" if vectorizer.norm == "l2" else "ReduceL1"
        length = graph.add(reduce, [found, axes], keepdims=1)
        is_empty = graph.add("Equal", [length, _number(graph, 0.0)])
        found = graph.add("Div", [found, graph.add("Where", [is_empty, _number(graph, 1.0), length])])
    return found


def _number(graph: GraphBuilder, value: float) -> str:
    return graph.constant(TensorProto.FLOAT, [1], [value])


def _phrases(vectorizer: Any) -> dict[str, Any]:
    """Returns the vocabulary as attributes of TfIdfVectorizer: phrases by their number of words."""
    shortest, longest = vectorizer.ngram_range
    by_length: list[list[tuple[list[str], int]]] = [[] for _ in range(longest)]
    for phrase, column in sorted(vectorizer.vocabulary_.items(), key=lambda one: int(one[1])):
        words = phrase.split(_SEPARATOR)
        if not shortest <= len(words) <= longest or "" in words:
            # A word with a space is in no text; its column stays.
            words = [_SEPARATOR + phrase] * shortest
        by_length[len(words) - 1].append((words, int(column)))
    pool = [[word for words, _ in phrases for word in words] for phrases in by_length]
    return {
        "mode": "TF",
        "min_gram_length": shortest,
        "max_gram_length": longest,
        "max_skip_count": 0,
        "ngram_counts": [sum(map(len, pool[:length])) for length in range(longest)],
        "ngram_indexes": [column for phrases in by_length for _, column in phrases],
        "pool_strings": [word.encode() for words in pool for word in words],
    }
