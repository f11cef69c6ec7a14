"""The graph and the pipeline compute the same TF-IDF for any text."""

from functools import cache
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from bundle import Columns, Field
from training.export.onnx_export import export
from training.features.tfidf import TfidfWords

COLUMNS = Columns([Field(name="text", type="text", example="a b")])
TEXTS = [
    *("I hate this movie", "hate hate HATE", "not good", "good, not bad", "ÜBER straße", "cafe\u0301 CAFÉ"),
    *("Ночь ночь", "電影很好", "", "!!!", "unknown words only"),
]


def tensor(texts: list[str]) -> Any:
    return COLUMNS.encode({"text": texts}, len(texts))["strings"]


@cache
def fitted(longest: int) -> tuple[Pipeline, Any]:
    """Fits a pipeline on every text but the last; returns it and the session of its graph."""
    words = TfidfWords(longest=longest, rarest=1)
    pipeline = Pipeline([("words", words), ("model", LogisticRegression())])
    pipeline.fit(tensor(TEXTS[:-1] * 2), [0, 1] * (len(TEXTS) - 1))
    graph = export(pipeline, COLUMNS)
    onnx.checker.check_model(onnx.load_from_string(graph), full_check=True)
    return pipeline, onnxruntime.InferenceSession(graph)


def assert_parity(texts: list[str], longest: int = 2) -> None:
    pipeline, session = fitted(longest)
    (output,) = session.run(None, {"strings": tensor(texts)})
    np.testing.assert_allclose(output, pipeline.predict_proba(tensor(texts)), atol=1e-6)


@pytest.mark.parametrize("longest", [1, 2, 3])
def test_a_batch_and_each_text_alone_have_the_predictions_of_the_pipeline(longest: int) -> None:
    assert_parity(TEXTS, longest)
    for text in TEXTS:
        assert_parity([text], longest)


@pytest.mark.slow
@given(
    st.lists(st.text(max_size=20) | st.lists(st.sampled_from(TEXTS)).map(" ".join), min_size=1, max_size=5)
)
def test_any_texts_have_the_predictions_of_the_pipeline(texts: list[str]) -> None:
    assert_parity(texts)


def test_texts_without_a_known_word_have_the_prediction_of_an_empty_text() -> None:
    _, session = fitted(2)

    (outputs,) = session.run(None, {"strings": tensor(["", "...", "unknown words only"])})

    assert np.isfinite(outputs).all()
    assert outputs.tolist() == [outputs[0].tolist()] * 3


def test_the_longest_allowed_text_has_the_prediction_of_the_pipeline() -> None:
    assert_parity(["hate straße " * 1_666, "good"])


def test_case_and_unicode_composition_do_not_change_the_prediction() -> None:
    _, session = fitted(2)
    spellings = [
        "über strasse café",
        "ÜBER STRASSE CAFÉ",
        "u\u0308ber stra\u00dfe cafe\u0301",
        "\uff55\u0308ber straße café",
    ]

    (outputs,) = session.run(None, {"strings": tensor(spellings)})

    assert outputs.tolist() == [outputs[0].tolist()] * 4


def test_the_graph_has_only_standard_operators() -> None:
    graph = onnx.load_from_string(export(fitted(2)[0], COLUMNS)).graph

    assert [(node.domain, node.op_type) for node in graph.node] == [
        ("", "StringSplit"),
        ("", "Squeeze"),
        ("", "TfIdfVectorizer"),
        ("", "Mul"),
        ("ai.onnx.ml", "Normalizer"),
        ("ai.onnx.ml", "LinearClassifier"),
    ]


def test_the_vocabulary_has_only_the_most_frequent_phrases_of_several_texts() -> None:
    words = TfidfWords(longest=1, rarest=2, most=2).fit(
        np.array([["a1 b1"], ["a1 b1 c1"], ["a1 c1 c1"], ["d1"]], object)
    )

    assert sorted(words.vectorizer_.vocabulary_) == ["a1", "c1"]
