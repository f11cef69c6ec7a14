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
from training.evaluation.measure import measure
from training.export.bundling import verify, write_bundle
from training.export.scorer import Scorer

REQUIRED = frozenset({"kind", "size"})


def test_a_bundle_carries_the_quality_of_its_own_answers(tmp_path: Path) -> None:
    # Given a fitted pipeline
    data, split, fitted = fitted_toy()

    # When it is bundled
    path = tmp_path / "build" / "model.tar.gz"
    verified = write_bundle(path, name="toy", data=data, split=split, fitted=fitted)

    # Then the file's own answers have the quality it states, and are the pipeline's
    manifest = read_archive(path).manifest
    assert manifest.metrics == verified.metrics
    expected = measure(TOY, split, fitted.outputs(split.test))
    assert manifest.metrics.values == pytest.approx(expected.values, abs=1e-5)
    assert verified.difference < 1e-6
    assert (manifest.data.rows, manifest.data.start, manifest.data.end) == (400, "2024-01-01", "2024-02-09")
    assert (manifest.threshold, manifest.positive_label) == (0.2, "yes")


def test_golden_rows_are_answered_as_they_say_and_cover_every_situation(tmp_path: Path) -> None:
    data, split, fitted = fitted_toy()
    bundle = write_bundle(tmp_path / "m", name="toy", data=data, split=split, fitted=fitted).bundle

    golden = bundle.manifest.golden
    answered = Scorer(bundle.model, FIELDS).score_instances([row.instance for row in golden])[:, 1]

    assert [row.prediction["probability"] for row in golden] == pytest.approx(answered.tolist(), abs=1e-6)
    assert [row.prediction["label"] for row in golden] == ["yes" if p >= 0.2 else "no" for p in answered]
    assert {frozenset(row.instance) for row in golden} == {REQUIRED, REQUIRED | {"late"}}
    assert len(golden) >= 3
    for row in golden:
        msgspec.convert(row.instance, row_type(FIELDS))


def test_a_bundle_that_answers_otherwise_than_its_pipeline_is_not_written(tmp_path: Path) -> None:
    # Given a pipeline whose graph cannot say what it says: its answers are moved afterwards
    data, split, fitted = fitted_toy()
    model = fitted.pipeline.named_steps["model"]
    right = model.predict_proba

    def drifting(rows: np.ndarray) -> Any:
        return np.asarray(right(rows)) + np.array([1e-4, -1e-4])

    model.predict_proba = drifting

    # When it is bundled
    path = tmp_path / "model.tar.gz"
    with pytest.raises(
        TrainingError, match=r"differs from the pipeline by 1\.0e-04 .* No bundle was written"
    ):
        write_bundle(path, name="toy", data=data, split=split, fitted=fitted)

    # Then there is no file, not even a part of one
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_bundle_that_was_there(tmp_path: Path) -> None:
    data, split, fitted = fitted_toy()
    path = tmp_path / "model.tar.gz"
    write_bundle(path, name="toy", data=data, split=split, fitted=fitted)
    before = path.read_bytes()

    fitted.pipeline.named_steps["model"].predict_proba = lambda rows: np.zeros((len(rows), 2))
    with pytest.raises(TrainingError):
        write_bundle(path, name="toy", data=data, split=split, fitted=fitted)

    assert path.read_bytes() == before


def test_a_bundle_with_figures_that_are_not_its_own_is_found_out(tmp_path: Path) -> None:
    # Given a bundle whose manifest was measured on other rows
    data, split, fitted = fitted_toy()
    written = write_bundle(tmp_path / "m", name="toy", data=data, split=split, fitted=fitted)
    bundle, own = written.bundle, written.bundle.manifest.metrics
    metrics = replace(own, values={**own.values, "roc_auc": 0.99})

    # When it is verified, then that is found out
    flattering = dataclasses.replace(bundle, manifest=replace(bundle.manifest, metrics=metrics))
    with pytest.raises(TrainingError, match="does not have the metrics"):
        verify(flattering, split=split, fitted=fitted, outputs=written.outputs)
