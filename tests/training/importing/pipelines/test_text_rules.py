"""Rules of words of imported vectorizers."""

from typing import Any

import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from bundle import WordRule
from training.errors import TrainingError
from training.importing.pipelines.text_rules import word_rules

ROWS = pd.DataFrame({"title": ["good flight", "bad delay"], "body": ["the end", "of the day"]})


def fitted(*parts: Any) -> Any:
    columns = ColumnTransformer([(f"{at}", step, name) for at, (step, name) in enumerate(parts)])
    return make_pipeline(columns, LogisticRegression()).fit(ROWS, [0, 1])


def test_each_column_of_texts_has_the_rule_of_its_vectorizer() -> None:
    phrases = TfidfVectorizer(ngram_range=(1, 2), stop_words=["the", "of"], strip_accents="ascii")

    rules = word_rules(fitted((CountVectorizer(), "title"), (phrases, "body")), [*ROWS])

    assert rules == {"title": WordRule(), "body": WordRule(accents="ascii", stop_words=("of", "the"))}


def test_stop_words_of_single_words_need_no_rule() -> None:
    [rule] = word_rules(fitted((CountVectorizer(stop_words="english"), "title")), [*ROWS]).values()

    assert rule == WordRule()


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (HashingVectorizer(n_features=4), "hashes its words.*TfidfVectorizer"),
        (TfidfVectorizer(analyzer="char"), "analyzer='char'.*give it analyzer='word'"),
        (TfidfVectorizer(tokenizer=str.split, token_pattern=None), "a tokenizer of its own.*tokenizer=None"),
        (TfidfVectorizer(preprocessor=str.strip), "a preprocessor of its own.*preprocessor=None"),
        (TfidfVectorizer(strip_accents=str.strip), "give it strip_accents='unicode'"),
        (TfidfVectorizer(token_pattern=r"(\w)\w+"), "give it one of letters"),
        (TfidfVectorizer(token_pattern=r"(?:\w+)+"), "give it one of letters"),
        (TfidfVectorizer(token_pattern=r"[^,]+"), "give it one of letters"),
        (TfidfVectorizer(token_pattern=r"\w*\w*\w+"), "give it one of letters"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_an_option_that_the_server_does_not_have_is_named(step: Any, sentence: str) -> None:
    with pytest.raises(TrainingError, match=sentence):
        word_rules(fitted((step, "title")), [*ROWS])


def test_two_rules_of_one_column_are_refused() -> None:
    with pytest.raises(TrainingError, match="split the texts of the column 'body' by different options"):
        word_rules(fitted((CountVectorizer(), "body"), (CountVectorizer(lowercase=False), "body")), [*ROWS])


def test_a_vectorizer_of_a_column_without_a_name_takes_the_only_one() -> None:
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(ROWS["body"], [0, 1])

    assert word_rules(model, ["body"]) == {"body": WordRule()}
    with pytest.raises(TrainingError, match="one of several columns without names"):
        word_rules(model, [*ROWS])
