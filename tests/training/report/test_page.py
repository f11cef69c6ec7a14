"""The report page of every task, parsed as by a browser."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bundle import read_archive
from tests.training.toys import LINE, TOY, read_toy
from training.data.data_options import only_sample
from training.data.slices import Slice
from training.fit_plan import Plan
from training.model import Model
from training.model_card import ModelCard
from training.model_catalog import load_model
from training.progress import SILENT
from training.report import page
from training.report.text_report import text_report
from training.report.training_report import TrainingReport
from training.training_run import Job, run

CARD = ModelCard(
    title="Is it <b>yes</b> & why?",
    use=("For <script>alert(1)</script>.",),
    not_for=("Else.",),
    limits=("Many.",),
    gaps=("All.",),
)
KINDS = Slice(title="kind", fields=("kind",))
VOID = {"meta"}


class PageParser(HTMLParser):
    """Parses a page and fails on elements that are not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        if identifier := dict(attrs).get("id"):
            self.ids[identifier] += 1
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data if self.open[-1:] != ["style"] else ""


@dataclass(frozen=True)
class TrainedJob:
    """A finished job: its report, its model and its folder."""

    report: TrainingReport
    model: Model
    folder: Path

    @property
    def page(self) -> str:
        return (self.folder / "report.html").read_text(encoding="utf-8")


def train(model: Model, out: Path) -> TrainedJob:
    plan = Plan(parameters={"C": 0.25})
    return TrainedJob(run(Job(name="toy", model=model, out=out, plan=plan), SILENT), model, out)


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> TrainedJob:
    """The report of a model whose data, labels and card contain markup."""
    data = replace(read_toy(), name='<i>toy</i> & "friends"', dropped={"<u>spoilt</u>": 1_234})
    model = replace(TOY, read=only_sample(lambda: data), card=CARD, slices=(KINDS,), labels=("<no>", "yes"))
    return train(model, tmp_path_factory.mktemp("toy"))


def test_a_page_loads_nothing_from_elsewhere(toy: TrainedJob) -> None:
    parser = PageParser(toy.page)

    assert parser.tags["script"] == parser.tags["link"] == parser.tags["img"] == 0
    assert re.findall(r"@import|url\(\s*['\"]?(?!#)", toy.page) == []
    assert {link[0] for link in parser.links} == {"#"}
    # Every link and every reference within a chart has exactly one target in the page.
    targets = {link[1:] for link in parser.links} | set(re.findall(r"url\(#([^)]+)\)", toy.page))
    assert targets <= parser.ids.keys()
    assert [name for name, count in parser.ids.items() if count > 1] == []


def test_a_page_can_be_read_with_the_keyboard_and_a_screen_reader(toy: TrainedJob) -> None:
    parts = re.findall(r'<div class="scroll"([^>]*)>', toy.page)
    assert parts
    assert all('tabindex="0" role="region" aria-label="Table: ' in part for part in parts)
    assert '<th scope="col"></th>' not in toy.page
    assert '<th scope="col" class="number"></th>' not in toy.page
    levels = [int(level) for level in re.findall(r"<h(\d)", toy.page)]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_texts_of_data_labels_and_card_are_escaped(toy: TrainedJob) -> None:
    parser = PageParser(toy.page)

    for expected in ('<i>toy</i> & "friends"', "<u>spoilt</u>", "Is it <b>yes</b> & why?", "“<no>”"):
        assert expected in parser.text, expected
    assert "For <script>alert(1)</script>." in parser.text
    assert parser.tags["i"] == parser.tags["b"] == parser.tags["u"] == parser.tags["no"] == 0


def test_a_page_states_metrics_intervals_and_baselines(toy: TrainedJob) -> None:
    text = " ".join(PageParser(toy.page).text.split())

    for expected in (
        "Early on",
        "Linear baseline, early on",
        "Mean baseline",
        "Average precision",
        "Calibration error",
        "The model predicts “yes” from a probability of 0.2 on.",
        "320 rows, 2024-01-01 to 2024-02-01",
        "80 rows, 2024-02-02 to 2024-02-09",
        "1,234",
        "Not intended for",
        "Not covered by the evaluation",
        "scikit-learn",
        toy.report.version,
    ):
        assert expected in text, expected
    for name, value in toy.report.metrics.items():
        low, high = toy.report.intervals.get(name, (value, value))
        assert name == "base_rate" or f"{value:.3f}{low:.3f} to {high:.3f}" in text, name


def test_charts_follow_the_light_or_dark_scheme_of_the_reader(toy: TrainedJob) -> None:
    style, *charts = re.findall(r"<style>.*?</style>|<svg.*?</svg>", toy.page, re.DOTALL)

    assert "@media (prefers-color-scheme: dark)" in style
    assert len(charts) >= 6
    for chart in charts:
        # Every colour is a CSS variable, which the style defines for both schemes.
        assert re.findall(r"#[0-9a-fA-F]{6}\b", chart) == []
        for variable in set(re.findall(r"var\((--[\w-]+)\)", chart)):
            assert style.count(f"{variable}:") >= 2


def test_every_chart_is_also_a_png_file_beside_the_page(toy: TrainedJob) -> None:
    charts = set(re.findall(r'<figure id="(\w+)"', toy.page))

    pictures = {path.stem: path.read_bytes() for path in (toy.folder / "report").iterdir()}

    assert {"roc", "precision_recall", "calibration", "importance", "kind_quality", "kind_mean"} == charts
    assert pictures.keys() == charts
    assert all(picture.startswith(b"\x89PNG\r\n\x1a\n") for picture in pictures.values())


def test_the_same_job_gives_the_same_page_and_png_files(toy: TrainedJob, tmp_path: Path) -> None:
    again = train(toy.model, tmp_path)

    one, two = (
        {path.relative_to(job.folder): path.read_bytes() for path in job.folder.rglob("*.*")}
        for job in (toy, again)
    )
    assert one == two


def test_each_task_has_its_own_charts(tmp_path: Path) -> None:
    iris = PageParser(train(load_model("iris"), tmp_path / "iris").page)
    line: dict[str, Any] = {}
    exec(LINE, line)  # noqa: S102  # source of a model, from this repository
    points = PageParser(train(line["MODEL"], tmp_path / "line").page)

    assert {"confusion", "roc", "importance"} <= iris.ids.keys()
    assert "Which species of iris is it?" in iris.text
    assert {"predicted", "errors", "importance"} <= points.ids.keys()
    assert "Root mean squared error" in points.text
    assert {"threshold", "calibration"}.isdisjoint(iris.ids.keys() | points.ids.keys())


def test_the_text_report_has_the_same_metrics(toy: TrainedJob) -> None:
    lines = text_report(toy.report)

    low, high = toy.report.intervals["roc_auc_late"]
    for expected in (
        f"{toy.report.metrics['roc_auc_late']:.4f}",
        f"{low:.3f} to {high:.3f}",
        f"{toy.report.linear['roc_auc_late']:.4f}",
        "dropped    1,234 <u>spoilt</u>",
        str(toy.folder / "report.html"),
    ):
        assert expected in lines, expected


def test_chosen_hyperparameters_are_reported(toy: TrainedJob) -> None:
    assert toy.report.parameters == {"C": 0.25}
    assert "chosen     C 0.25" in text_report(toy.report)
    assert "C = 0.25" in toy.page


def test_a_failed_report_page_keeps_the_bundle(tmp_path: Path) -> None:
    # Given a file in place of the folder of PNG files
    (tmp_path / "report").write_text("a file")

    # When the model is trained
    report = run(Job(name="toy", model=TOY, out=tmp_path), SILENT)

    # Then the bundle and its metrics are complete, and the text report states the error
    assert read_archive(tmp_path / "model.tar.gz").manifest.version == report.version
    assert report.intervals.keys() >= {"roc_auc", "roc_auc_late"}
    assert report.page == ""
    assert "not written, but the bundle is complete and verified: FileExistsError" in text_report(report)


def test_without_the_page_the_report_has_metrics_and_intervals(tmp_path: Path) -> None:
    report = run(Job(name="toy", model=TOY, out=tmp_path, page=False), SILENT)

    assert {path.name for path in tmp_path.iterdir()} == {"model.tar.gz"}
    assert (
        report.intervals["brier_score"][0]
        < report.metrics["brier_score"]
        < report.intervals["brier_score"][1]
    )
    assert report.linear == {}


def test_an_interrupt_while_charts_are_drawn_keeps_the_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an interrupt while the page is written
    def interrupt(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(page, "write_page", interrupt)

    # When the model is trained
    with pytest.raises(KeyboardInterrupt, match=r"bundle was written"):
        run(Job(name="toy", model=TOY, out=tmp_path), SILENT)

    # Then the bundle was written
    assert {path.name for path in tmp_path.iterdir()} == {"model.tar.gz"}


def test_a_page_of_many_rows_stays_small(tmp_path: Path) -> None:
    data = read_toy(8_000)

    report = train(replace(TOY, read=only_sample(lambda: data)), tmp_path)

    assert len(report.page) < 150_000
