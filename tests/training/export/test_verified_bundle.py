import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from bundle import read_archive, row_type
from tests.training.toys import FIELDS, TOY, fitted_toy
from training.errors import TrainingError
from training.evaluation.manifest_metrics import manifest_metrics
from training.export.graph_scorer import GraphScorer
from training.export.verified_bundle import verify, write_bundle

REQUIRED = frozenset({"kind", "size"})


def test_a_bundle_states_the_metrics_of_its_own_predictions(tmp_path: Path) -> None:
    # Given a fitted pipeline
    data, split, fitted = fitted_toy()

    # When its bundle is written
    path = tmp_path / "build" / "model.tar.gz"
    verified = write_bundle(path, name="toy", data=data, split=split, fitted=fitted)

    # Then the manifest states the metrics of the bundle's predictions, which are the pipeline's
    manifest = read_archive(path).manifest
    assert manifest.metrics == verified.measured.metrics
    expected = manifest_metrics(TOY, split, fitted.outputs(split.test))
    assert manifest.metrics.values == pytest.approx(expected.values, abs=1e-5)
    assert verified.difference < 1e-6
    assert (manifest.data.rows, manifest.data.start, manifest.data.end) == (400, "2024-01-01", "2024-02-09")
    assert (manifest.threshold, manifest.positive_label) == (0.2, "yes")


def test_golden_rows_have_the_predictions_of_the_graph_and_cover_every_situation(tmp_path: Path) -> None:
    data, split, fitted = fitted_toy()
    bundle = write_bundle(tmp_path / "m", name="toy", data=data, split=split, fitted=fitted).bundle

    golden = bundle.manifest.golden
    probabilities = GraphScorer(bundle.model, FIELDS).score_instances([row.instance for row in golden])[:, 1]

    assert [row.prediction["probability"] for row in golden] == pytest.approx(
        probabilities.tolist(), abs=1e-6
    )
    assert [row.prediction["label"] for row in golden] == ["yes" if p >= 0.2 else "no" for p in probabilities]
    assert {frozenset(row.instance) for row in golden} == {REQUIRED, REQUIRED | {"late"}}
    assert len(golden) >= 3
    for row in golden:
        msgspec.convert(row.instance, row_type(FIELDS))


def test_a_bundle_whose_predictions_differ_from_the_pipeline_is_not_written(tmp_path: Path) -> None:
    # Given a pipeline whose probabilities are changed after the export
    data, split, fitted = fitted_toy()
    model = fitted.pipeline.named_steps["model"]
    original = model.predict_proba

    def shifted(rows: np.ndarray) -> Any:
        return np.asarray(original(rows)) + np.array([1e-4, -1e-4])

    model.predict_proba = shifted

    # When its bundle is written
    path = tmp_path / "model.tar.gz"
    with pytest.raises(
        TrainingError,
        match=r"differs from its pipeline by 1\.0e-04 on 80 test rows, .* no bundle was written",
    ):
        write_bundle(path, name="toy", data=data, split=split, fitted=fitted)

    # Then no file is left
    assert list(tmp_path.iterdir()) == []


def test_a_failure_keeps_the_previous_bundle(tmp_path: Path) -> None:
    data, split, fitted = fitted_toy()
    path = tmp_path / "model.tar.gz"
    write_bundle(path, name="toy", data=data, split=split, fitted=fitted)
    before = path.read_bytes()

    fitted.pipeline.named_steps["model"].predict_proba = lambda rows: np.zeros((len(rows), 2))
    with pytest.raises(TrainingError):
        write_bundle(path, name="toy", data=data, split=split, fitted=fitted)

    assert path.read_bytes() == before


def test_a_bundle_that_states_other_metrics_than_its_own_is_refused(tmp_path: Path) -> None:
    # Given a bundle whose manifest states another ROC AUC
    data, split, fitted = fitted_toy()
    written = write_bundle(tmp_path / "m", name="toy", data=data, split=split, fitted=fitted)
    bundle, own = written.bundle, written.bundle.manifest.metrics
    metrics = replace(own, values={**own.values, "roc_auc": 0.99})

    # When it is verified, then it is refused
    changed = dataclasses.replace(bundle, manifest=replace(bundle.manifest, metrics=metrics))
    with pytest.raises(TrainingError, match="does not have the metric roc_auc that its manifest"):
        verify(
            changed,
            split=split,
            fitted=fitted,
            outputs=written.measured.outputs,
            measured=written.measured,
        )
