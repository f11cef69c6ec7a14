"""Predictions of the models for typical requests."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bundle import ARCHIVE, Bundle, read_archive
from serving.predict.predictor import Predictor
from tests.customer import CUSTOMER
from training.model_catalog import load_model
from training.progress import SILENT
from training.training_run import Job, run

LEAVING = CUSTOMER | {"Int'l Plan": "yes", "Intl Mins": "14.5", "Intl Calls": "1", "CustServ Calls": "6"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundles")


@cache
def bundle(name: str, folder: Path) -> Bundle:
    """Returns the bundle of a model, trained on its sample."""
    run(Job(name=name, model=load_model(name), out=folder / name, page=False), SILENT)
    return read_archive(folder / name / ARCHIVE)


def predict(name: str, folder: Path, body: Any) -> dict[str, Any]:
    """Returns the prediction of the server for one request of one row."""
    predictor = Predictor(bundle(name, folder))
    [answer] = json.loads(predictor.answer(json.dumps(body).encode()))["predictions"]
    found: dict[str, Any] = answer
    return found


def test_a_churn_request_with_numbers_as_text_is_decided_by_the_threshold(folder: Path) -> None:
    stays, leaves = (predict("churn", folder, row) for row in (CUSTOMER, LEAVING))

    assert (stays["label"], leaves["label"]) == ("False", "True")
    assert stays["probability"] < 0.39 <= leaves["probability"]
    assert load_model("churn").threshold == pytest.approx(0.39, abs=1e-12)


def test_the_telephone_number_is_ignored(folder: Path) -> None:
    del (unlisted := dict(CUSTOMER))["Phone"]

    assert predict("churn", folder, unlisted) == predict("churn", folder, CUSTOMER)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I hate this movie", "Negative Review"),
        ("I love this film", "Positive Review"),
        ("I LOVE this film!!! 電影", "Positive Review"),
        ("The acting was not good.", "Negative Review"),
        ("Amélie is brilliant", "Positive Review"),
    ],
)
def test_a_review_is_classified_by_its_words(folder: Path, text: str, label: str) -> None:
    assert predict("reviews", folder, {"movie_text": text})["label"] == label


def test_the_line_predicts_a_value_near_its_formula(folder: Path) -> None:
    answer = predict("line", folder, {"x": 3.5})

    assert answer["value"] == pytest.approx(2.5 * 3.5 + 10, abs=0.5)
    # 0.9 of the errors are below 1.64, because they are normal with a deviation of 1.
    assert answer["interval"]["high"] - answer["value"] == pytest.approx(1.64, abs=0.5)


@pytest.mark.parametrize("name", ["iris", "line", "churn", "reviews"])
def test_the_reasons_of_every_model_add_up_to_its_prediction(name: str, folder: Path) -> None:
    trained = bundle(name, folder)
    predictor = Predictor(trained)
    asked = predictor.parameters.read({b"content-type": b"application/json"}, b"reasons=2")

    for golden in trained.manifest.golden:
        [found] = json.loads(predictor.answer(json.dumps(golden.instance).encode(), asked))["predictions"]
        parts = [reason["contribution"] for reason in found["reasons"]]
        assert 1 <= len(parts) <= 2
        total = found["baseline"] + sum(parts) + found.get("rest", 0.0)
        stated = found.get("probability", found.get("value"))
        assert total == pytest.approx(stated, rel=1e-6, abs=1e-6)
        # Few fields mean something together: a sample of contributions would state its error.
        assert "reasons_error" not in found


def test_a_flower_is_classified_by_its_measurements(folder: Path) -> None:
    assert predict("iris", folder, {"values": [[5.9, 3.0, 5.1, 2.3]]})["label"] == "virginica"
