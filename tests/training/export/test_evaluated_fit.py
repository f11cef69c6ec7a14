"""The model that ships learns from all rows; its figures are those of the fit on the training rows."""

from dataclasses import replace
from pathlib import Path

import pytest

from bundle import read_archive
from tests.training.toys import TOY, read_toy
from training.data.split import by_time
from training.evaluation.manifest_metrics import manifest_metrics
from training.export.graph_scorer import GraphScorer
from training.export.onnx_export import export
from training.fit_plan import Plan
from training.fitting.fit import fit
from training.progress import SILENT
from training.report.text_report import text_report
from training.training_run import Job, run

AGAIN = "fitted again, by the same recipe, on all 400 rows"


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(name="toy", model=TOY, out=tmp_path, page=False)


@pytest.mark.slow
def test_the_bundle_has_the_fit_on_all_rows_and_the_figures_of_the_fit_on_the_training_rows(job: Job) -> None:
    # Given the fit on the training rows, and the fit on all rows
    data = read_toy()
    split = by_time(data, 0)
    tested, whole = fit(TOY, split.train, Plan()), fit(TOY, data, Plan())

    # When the model is trained
    report = run(job, SILENT)

    # Then the bundle has the graph of the second and the figures of the first, and says so
    bundle = read_archive(job.out / "model.tar.gz")
    figures = manifest_metrics(TOY, split, tested.outputs(split.test)).values
    assert bundle.model == export(whole.pipeline, TOY.columns)
    assert bundle.manifest.metrics.values == pytest.approx(figures, abs=1e-5)
    assert figures != pytest.approx(manifest_metrics(TOY, split, whole.outputs(split.test)).values, abs=1e-5)
    assert AGAIN in bundle.manifest.metrics.split
    assert "never learned from by the fit that the figures are of" in bundle.manifest.metrics.split
    assert (report.train_rows, report.test_rows, report.refitted_on) == (320, 80, 400)
    assert "bundle of  all 400 rows, fitted again; the figures are of the first fit" in text_report(report)


def test_the_golden_rows_are_those_of_the_bundle(job: Job) -> None:
    run(job, SILENT)

    bundle = read_archive(job.out / "model.tar.gz")
    golden = bundle.manifest.golden
    own = GraphScorer(bundle.model, TOY.fields).score_instances([row.instance for row in golden])[:, 1]
    assert [row.prediction["probability"] for row in golden] == pytest.approx(own.tolist(), abs=1e-6)


def test_a_stopped_job_ships_the_fit_that_was_tested(job: Job) -> None:
    report = run(replace(job, plan=Plan(stopping=lambda: True)), SILENT)

    bundle = read_archive(job.out / "model.tar.gz")
    tested = fit(TOY, by_time(read_toy(), 0).train, Plan())
    assert bundle.model == export(tested.pipeline, TOY.columns)
    assert AGAIN not in bundle.manifest.metrics.split
    assert report.refitted_on == 0


@pytest.mark.slow
def test_the_page_says_which_fit_its_figures_are_of(job: Job) -> None:
    run(replace(job, page=True), SILENT)

    page = (job.out / "report.html").read_text()
    assert "trained on all 400 rows; its figures are those of the same recipe trained on 320 rows" in page
    assert AGAIN in page
