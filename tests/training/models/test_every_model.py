"""Tests of every model except the default model, with predictions for typical requests."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundle import Bundle, read_archive
from serving.predict.predictor import Predictor
from training.catalog import load_model, model_names
from training.data.data_request import DataRequest
from training.data.model_inputs import graph_tensors
from training.data.split import Split
from training.export.graph_scorer import GraphScorer
from training.export.verified_bundle import write_bundle
from training.fitting.fit import Fitted, fit
from training.plan import Plan

ROOT = Path(__file__).parents[3]
# The default model is large and has its own test file.
DEFAULT = json.loads((ROOT / "cdk.json").read_text())["context"]["model"]
NAMES = [name for name in model_names() if name != DEFAULT]
CUSTOMER = json.loads("""{
    "State": "PA", "Account Length": "163", "Area Code": "806", "Phone": "403-2562", "Int'l Plan": "no",
    "VMail Plan": "yes", "VMail Message": "300", "Day Mins": "8.162204", "Day Calls": "3",
    "Day Charge": "7.579174", "Eve Mins": "3.933035", "Eve Calls": "4", "Eve Charge": "6.508639",
    "Night Mins": "4.065759", "Night Calls": "100", "Night Charge": "5.111624", "Intl Mins": "4.92816",
    "Intl Calls": "6", "Intl Charge": "5.673203", "CustServ Calls": "3"
}""")
LEAVING = CUSTOMER | {"Int'l Plan": "yes", "Intl Mins": "14.5", "Intl Calls": "1", "CustServ Calls": "6"}


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A model fitted on its sample, and its bundle."""

    split: Split
    fitted: Fitted
    bundle: Bundle
    difference: float


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundles")


@pytest.fixture(scope="module")
def trained(request: pytest.FixtureRequest, folder: Path) -> Trained:
    return train(request.param, folder)


@cache
def train(name: str, folder: Path) -> Trained:
    model = load_model(name)
    data = model.read(DataRequest())
    split = model.split(data, 0)
    fitted = fit(model, split.train, Plan())
    path = folder / name / "model.tar.gz"
    verified = write_bundle(path, name=name, data=data, split=split, fitted=fitted)
    return Trained(split=split, fitted=fitted, bundle=read_archive(path), difference=verified.difference)


@pytest.mark.parametrize("trained", NAMES, indirect=True)
def test_the_graph_predicts_every_test_row_as_the_pipeline_does(trained: Trained) -> None:
    fields, (pipeline,) = trained.bundle.manifest.fields, trained.fitted.outputs(trained.split.test).values()

    graph = GraphScorer(trained.bundle.model, fields).score(graph_tensors(fields, trained.split.test))

    assert trained.difference < 1e-5
    np.testing.assert_allclose(graph, pipeline, atol=1e-5)
    if (threshold := trained.bundle.manifest.threshold) is not None:
        assert ((graph[:, 1] >= threshold) == (pipeline[:, 1] >= threshold)).all()
    elif trained.bundle.manifest.labels:
        assert (graph.argmax(axis=1) == pipeline.argmax(axis=1)).all()


@pytest.mark.parametrize("trained", NAMES, indirect=True)
def test_the_server_predicts_its_golden_rows_and_the_examples_of_its_fields(trained: Trained) -> None:
    predictor = Predictor(trained.bundle)
    row = {field.name: field.example for field in trained.bundle.manifest.fields}

    predictor.check()
    answer = json.loads(predictor.answer(json.dumps(row).encode()))

    assert answer["model"]["version"] == trained.bundle.manifest.version
    assert all(field.description for field in trained.bundle.manifest.fields)


def predict(name: str, folder: Path, body: Any) -> dict[str, Any]:
    """Returns the prediction of the server for one request of one row."""
    predictor = Predictor(train(name, folder).bundle)
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

    assert answer == {"value": pytest.approx(2.5 * 3.5 + 10, abs=0.5)}


def test_a_flower_is_classified_by_its_measurements(folder: Path) -> None:
    assert predict("iris", folder, {"values": [[5.9, 3.0, 5.1, 2.3]]})["label"] == "virginica"


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_is_reproducible_and_its_name_states_its_source(name: str) -> None:
    one, other = (load_model(name).read(DataRequest()) for _ in range(2))

    assert (one.target == other.target).all()
    assert all((one.columns[column] == other.columns[column]).all() for column in one.columns)
    assert "generated" in one.name or "scikit-learn" in one.name
