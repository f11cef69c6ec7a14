"""Tests that every model must pass, except the default model; `make test MODEL=name` runs them for one model.

What training itself refuses, it refuses here too, with the same sentence.
"""

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bundle import Bundle, read_archive
from serving.predict.golden_row_check import check_golden_rows
from serving.predict.predictor import Predictor
from training.checks.datasets import read_dataset, split_dataset
from training.data.data_options import DataOptions
from training.data.model_inputs import graph_tensors
from training.data.split import Split
from training.export.graph_scorer import GraphScorer
from training.export.verified_bundle import PARITY_TOLERANCE, write_bundle
from training.fit_plan import Plan
from training.fitting.fit import Fitted, fit
from training.model_catalog import load_model, model_names

ROOT = Path(__file__).parents[3]
# The default model is large and has its own test file.
DEFAULT = json.loads((ROOT / "cdk.json").read_text())["context"]["model"]
CHOSEN = os.environ.get("TEST_MODEL")
NAMES = [CHOSEN] if CHOSEN else [name for name in model_names() if name != DEFAULT]
if CHOSEN and CHOSEN not in model_names():
    raise pytest.Collector.CollectError(f"There is no model {CHOSEN!r}: choose {' or '.join(model_names())}.")


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
    data = read_dataset(model, DataOptions())
    split = split_dataset(model, data, 0)
    model = model.of_data(split)
    fitted = fit(model, split.train, Plan())
    path = folder / name / "model.tar.gz"
    verified = write_bundle(path, name=name, data=data, split=split, fitted=fitted)
    return Trained(split=split, fitted=fitted, bundle=read_archive(path), difference=verified.difference)


@pytest.mark.parametrize("trained", NAMES, indirect=True)
def test_the_graph_predicts_every_test_row_as_the_pipeline_does(trained: Trained) -> None:
    fields, outputs = trained.bundle.manifest.fields, trained.fitted.outputs(trained.split.test)
    pipeline = outputs[trained.fitted.model.situations[-1].name]

    graph = GraphScorer(trained.bundle.model, fields).score(graph_tensors(fields, trained.split.test))

    assert trained.difference < 1e-5
    np.testing.assert_allclose(graph, pipeline, atol=1e-5)
    if (threshold := trained.bundle.manifest.threshold) is not None:
        # Within the tolerance of parity both sides of the threshold are right.
        decided = abs(pipeline[:, 1] - threshold) > PARITY_TOLERANCE
        assert ((graph[:, 1] >= threshold) == (pipeline[:, 1] >= threshold))[decided].all()
    elif trained.bundle.manifest.labels:
        second, first = np.sort(pipeline, axis=1)[:, -2:].T
        decided = first - second > 2 * PARITY_TOLERANCE
        assert (graph.argmax(axis=1) == pipeline.argmax(axis=1))[decided].all()


@pytest.mark.parametrize("trained", NAMES, indirect=True)
def test_the_server_predicts_its_golden_rows_and_the_examples_of_its_fields(trained: Trained) -> None:
    predictor = Predictor(trained.bundle)
    row = {field.name: field.example for field in trained.bundle.manifest.fields}

    check_golden_rows(predictor)
    answer = json.loads(predictor.answer(json.dumps(row).encode()))

    assert answer["model"]["version"] == trained.bundle.manifest.version


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_is_reproducible_and_has_a_name(name: str) -> None:
    one, other = (read_dataset(load_model(name), DataOptions()) for _ in range(2))

    assert one.name
    np.testing.assert_array_equal(one.target, other.target)
    for column, values in one.columns.items():
        pd.testing.assert_series_equal(pd.Series(values), pd.Series(other.columns[column]))
