"""Cuts in time: what each learns from, and the table of all in the reports."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.training.toys import TOY, read_toy
from training.data.data_options import only_sample
from training.data.dataset import Dataset
from training.errors import TrainingError
from training.evaluation.time_series_splits import cut_splits, measure_cuts
from training.fit_plan import Plan
from training.fitting.fit import fit
from training.progress import SILENT
from training.report.text_report import text_report
from training.training_run import Job, run

DATA = read_toy()
FIRST = TOY.situations[0].name


def test_each_cut_learns_from_the_rows_before_its_test_rows_and_the_last_is_the_split_of_the_model() -> None:
    splits = cut_splits(TOY, DATA, 4)

    assert [(len(split.train), len(split.test)) for split in splits] == [
        (80, 80),
        (160, 80),
        (240, 80),
        (320, 80),
    ]
    for split in splits:
        assert split.train.period[1] < split.test.period[0]
    np.testing.assert_array_equal(splits[-1].test.target, TOY.split(DATA, 0).test.target)


def test_the_metrics_of_a_cut_are_those_of_its_own_fit() -> None:
    splits = cut_splits(TOY, DATA, 2)

    first, _ = measure_cuts(TOY, splits, Plan(), SILENT)

    output = fit(TOY, splits[0].train, Plan()).outputs(splits[0].test)[FIRST]
    expected = roc_auc_score(splits[0].test.target, output[:, 1])
    assert first.metrics[FIRST]["roc_auc"] == pytest.approx(expected)
    assert (first.start, first.end) == splits[0].test.period


def test_a_stop_ends_the_cuts() -> None:
    assert [*measure_cuts(TOY, cut_splits(TOY, DATA, 2), Plan(stopping=lambda: True), SILENT)] == []


@pytest.mark.parametrize(
    ("data", "count", "sentence"),
    [
        (replace(DATA, dates=None), 2, "have no dates, so --cuts cannot cut them"),
        (DATA, 45, "too few days for 45 cuts"),
        (
            replace(DATA, target=(np.arange(400) >= 390).astype(int)),
            3,
            "Cut 1 has no row with the label 'yes' from 2024-01-01 to 2024-01-10",
        ),
    ],
)
def test_data_that_cannot_be_cut_are_refused_before_a_fit(
    data: Dataset, count: int, sentence: str, tmp_path: Path
) -> None:
    split = TOY.split(DATA, 0)
    model = replace(TOY, read=only_sample(lambda: data), split=lambda *_: split)
    job = Job(name="toy", model=model, out=tmp_path, cuts=count)

    with pytest.raises(TrainingError, match=sentence):
        run(job, SILENT)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.slow
def test_text_and_page_have_the_table_of_all_cuts(tmp_path: Path) -> None:
    report = run(Job(name="toy", model=TOY, out=tmp_path, cuts=3), SILENT)

    text, page = text_report(report), Path(report.page).read_text(encoding="utf-8")
    assert len(report.cuts) == 3
    for cut in report.cuts:
        assert f"{cut.start} to {cut.end}" in text
        assert f"{cut.start} to {cut.end}" in page
        assert f"{cut.metrics[FIRST]['roc_auc']:.4f}" in text
    assert "Quality at several cuts in time" in page
