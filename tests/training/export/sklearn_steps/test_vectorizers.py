"""Vectorizers of texts: the same numbers as the original, for the words that the rule of a field finds."""

from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from training.errors import TrainingError
from training.importing.pipelines.sklearn_conversion import sklearn_model
from training.importing.sample import read_sample

_random = np.random.default_rng(2)
WORDS = ["the", "delay", "of", "my", "was", "not", "good", "café", "Straße", "24/7", "crew's", "😀", "End!"]
TEXTS = pd.DataFrame({"text": [" ".join(_random.choice(WORDS, size)) for size in [0, 1, *range(2, 12)] * 4]})
TARGET = np.arange(len(TEXTS)) % 2


@pytest.mark.parametrize(
    "vectorizer",
    [
        [TfidfVectorizer()],
        [CountVectorizer(binary=True, ngram_range=(1, 3))],
        [CountVectorizer(vocabulary=["not good", "the", "Delay", "of my"], ngram_range=(1, 1))],
        [TfidfVectorizer(ngram_range=(2, 2), stop_words=["of"], max_features=9)],
        [TfidfVectorizer(sublinear_tf=True, norm="l1", lowercase=False)],
        [TfidfVectorizer(use_idf=False, norm=None, strip_accents="unicode")],
        [CountVectorizer(), TfidfTransformer(sublinear_tf=True)],
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:Upper case characters found in vocabulary:UserWarning")
def test_counts_and_weights_of_words_are_those_of_the_vectorizer(vectorizer: list[Any]) -> None:
    model = make_pipeline(*vectorizer, LogisticRegression()).fit(TEXTS["text"], TARGET)

    found = sklearn_model(model, read_sample(TEXTS, ""), origin="pickle")

    words = [[found.texts["text"].joined(text)] for text in TEXTS["text"]]
    session = onnxruntime.InferenceSession(found.model.SerializeToString())
    output = session.run(None, {"columns": np.array(words, dtype=object)})[-1]
    np.testing.assert_allclose(output, model.predict_proba(TEXTS["text"]), atol=1e-6)


def test_more_words_than_a_request_can_take_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.export.sklearn_steps.vectorizers._MOST_WORDS", 3)
    model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS["text"], TARGET)

    with pytest.raises(TrainingError, match="and a graph takes at most 3: fit it with max_features=3"):
        sklearn_model(model, read_sample(TEXTS, ""), origin="pickle")
