import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from msgspec import UNSET
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestRegressor, VotingClassifier
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC
from xgboost import XGBClassifier

from bundle import WordRule, read_archive
from tests.training.conftest import Command, Finished
from tests.training.importing.imports import sample_table
from training.export.graph_scorer import GraphScorer

COLUMNS = ["shop", "age", "income", "code", "member"]


def visits() -> pd.DataFrame:
    """Visits with an integer code, a flag, a comment, and the target as true or false and as 0.0 or 1.0."""
    table = sample_table(["shop"])
    rows = np.arange(len(table))
    comments = "good " + table["shop"].where(table["bought"] == "yes", "nothing")
    city = pd.Series(np.array(["a", "b", None], dtype=object)[rows % 3])
    table = table.assign(city=city, postcode=np.where(rows % 4 == 0, "01234", "10115"))
    return table.assign(code=rows % 4 + 1, member=rows % 3 == 0, truth=table["flag"] == 1, comment=comments)


def prepared(last: Any) -> Any:
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    words = OneHotEncoder(handle_unknown="ignore")
    codes = OneHotEncoder()
    parts = [("n", numbers, ["age", "income"]), ("w", words, ["shop"]), ("c", codes, ["code"])]
    return make_pipeline(ColumnTransformer([*parts, ("m", "passthrough", ["member"])]), last)


@pytest.fixture
def imported(tmp_path: Path, command: Command) -> Any:
    # Its import takes a second, which every process that collects tests would spend.
    import skops.io

    def run(model: Any, columns: Any, target: str) -> Finished:
        table = visits()
        model.fit(table[columns], table[target])
        skops.io.dump(model, tmp_path / "model.skops")
        names = columns if isinstance(columns, list) else [columns]
        table[[*names, target]].to_csv(tmp_path / "rows.csv", index=False)
        return command(
            "import",
            str(tmp_path / "model.skops"),
            "--rows",
            str(tmp_path / "rows.csv"),
            "--target",
            target,
            "--out",
            str(tmp_path),
            "--trust",
            "--json",
        )

    return run


@pytest.mark.slow
def test_a_pipeline_of_words_codes_flags_and_absent_numbers_has_their_fields(
    imported: Any, tmp_path: Path
) -> None:
    result = imported(prepared(LogisticRegression()), COLUMNS, "bought")

    assert result.returncode == 0, result.stderr
    fields = {field.name: field for field in read_archive(tmp_path / "model.tar.gz").manifest.fields}
    assert {name: field.type for name, field in fields.items()} == {
        "shop": "string",
        "age": "number",
        "income": "number",
        "code": "integer",
        "member": "boolean",
    }
    assert [name for name, field in fields.items() if not field.required] == ["income"]


@pytest.mark.parametrize(("target", "labels"), [("truth", ["false", "true"]), ("flag", ["0", "1"])])
def test_labels_are_texts_and_the_target_matches_them(imported: Any, target: str, labels: list[str]) -> None:
    result = imported(make_pipeline(SimpleImputer(), LogisticRegression()), ["age", "income"], target)

    report = json.loads(result.stdout)
    assert report["labels"] == labels
    assert report["metrics"]["roc_auc"] > 0.8
    assert report["notes"] == []


@pytest.mark.parametrize(
    ("last", "target"),
    [
        (RandomForestRegressor(10, random_state=0), "amount"),
        (XGBClassifier(n_estimators=5, random_state=0), "flag"),
    ],
    ids=["forest", "xgboost"],
)
def test_trees_after_a_scaler_are_converted_in_double_and_decide_every_row_alike(
    imported: Any, last: Any, target: str
) -> None:
    result = imported(prepared(last), COLUMNS, target)

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["difference"] < 1e-4


@pytest.mark.parametrize(
    "absent",
    [
        [SimpleImputer(strategy="most_frequent")],
        [SimpleImputer(strategy="constant", fill_value="none")],
        [],
    ],
    ids=["most frequent", "constant", "a category of its own"],
)
def test_an_absent_word_is_predicted_as_scikit_learn_predicts_it(imported: Any, absent: list[Any]) -> None:
    words = make_pipeline(*absent, OneHotEncoder(handle_unknown="ignore"))
    parts = ColumnTransformer([("w", words, ["city"])], remainder="passthrough")

    result = imported(make_pipeline(parts, LogisticRegression()), ["city", "age"], "bought")

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["fields"] == {"city": "string, optional", "age": "number"}


def test_texts_are_split_as_their_vectorizer_does(imported: Any, tmp_path: Path) -> None:
    parts = ColumnTransformer([("t", TfidfVectorizer(), "comment")], remainder="passthrough")
    model = make_pipeline(parts, LogisticRegression())

    result = imported(model, ["comment", "age"], "bought")

    assert result.returncode == 0, result.stderr
    bundle = read_archive(tmp_path / "model.tar.gz")
    assert [field.words for field in bundle.manifest.fields] == [WordRule(), UNSET]
    row = {"comment": "GOOD \u2013 north, Straße!", "age": 40}
    [probabilities] = GraphScorer(bundle.model, bundle.manifest.fields).score_instances([row])
    assert probabilities == pytest.approx(model.predict_proba(pd.DataFrame([row]))[0], abs=1e-6)


@pytest.mark.parametrize("value", ["20095", None])
def test_a_value_that_the_encoder_refuses_is_no_value_of_the_field(
    imported: Any, tmp_path: Path, value: str | None
) -> None:
    encoder = ColumnTransformer([("w", OrdinalEncoder(), ["postcode"])], remainder="passthrough")
    assert (
        imported(make_pipeline(encoder, LogisticRegression()), ["postcode", "age"], "bought").returncode == 0
    )
    bundle = read_archive(tmp_path / "model.tar.gz")
    scorer = GraphScorer(bundle.model, bundle.manifest.fields)

    assert bundle.manifest.fields[0].values == ("01234", "10115")
    with pytest.raises(msgspec.ValidationError, match="postcode"):
        scorer.score_instances([{"postcode": value, "age": 40}])


def test_codes_with_leading_zeros_are_strings(imported: Any, tmp_path: Path) -> None:
    parts = ColumnTransformer([("w", OneHotEncoder(), ["postcode"])], remainder="passthrough")

    result = imported(make_pipeline(parts, LogisticRegression()), ["postcode", "age"], "bought")

    assert result.returncode == 0, result.stderr
    instance = read_archive(tmp_path / "model.tar.gz").manifest.golden[0].instance
    assert instance["postcode"] == "01234"


def test_a_grid_search_is_its_best_pipeline(imported: Any) -> None:
    search = GridSearchCV(
        make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression()),
        {"logisticregression__C": [0.1, 1]},
        cv=3,
    )

    result = imported(search, ["age", "income"], "bought")

    assert result.returncode == 0, result.stderr
    assert "Pipeline" in json.loads(result.stdout)["origin"]


def test_a_voting_classifier_is_converted(imported: Any) -> None:
    members = [("a", LogisticRegression()), ("b", GaussianNB())]

    result = imported(
        make_pipeline(SimpleImputer(), VotingClassifier(members, voting="soft")), ["age"], "bought"
    )

    assert result.returncode == 0, result.stderr


def test_a_threshold_of_the_model_is_said(imported: Any) -> None:
    model = FixedThresholdClassifier(LogisticRegression(), threshold=0.7)

    result = imported(model, ["age"], "bought")

    assert any("threshold=0.7" in note for note in json.loads(result.stdout)["notes"])


@pytest.mark.parametrize(
    ("model", "columns", "expected"),
    [
        (KMeans(2), ["age"], "The file holds a KMeans"),
        (SVC(), ["age"], "The classifier SVC has no predict_proba"),
        (make_pipeline(HashingVectorizer(n_features=9), LogisticRegression()), "comment", "hashes its words"),
    ],
    ids=["no classifier", "no probabilities", "texts"],
)
def test_a_model_that_cannot_be_served_is_refused(
    imported: Any, model: Any, columns: Any, expected: str
) -> None:
    result = imported(model, columns, "bought")

    assert result.returncode == 1
    assert expected in result.stderr
