"""The page as a reader's browser takes it, of every task."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bundle import read_archive
from tests.training.toys import LINE, TOY, read_toy
from training.catalog import load_model
from training.data.request import only_sample
from training.evaluation.slices import Slice
from training.job import Job, run
from training.model import Model
from training.model_card import ModelCard
from training.plan import Plan
from training.progress import SILENT, Progress
from training.report.report import Report
from training.report.text import text

CARD = ModelCard(
    title="Is it <b>yes</b> & why?",
    use=("For <script>alert(1)</script>.",),
    not_for=("Else.",),
    limits=("Many.",),
    gaps=("All.",),
)
KINDS = Slice(title="kind", fields=("kind",))
VOID = {"meta"}


class Reader(HTMLParser):
    """Reads a page and finds what a browser would have to mend."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.said = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        told = dict(attrs)
        if found := told.get("id"):
            self.ids[found] += 1
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said += data if self.open[-1:] != ["style"] else ""


@dataclass(frozen=True)
class Told:
    """A job's outcome and its folder."""

    report: Report
    model: Model
    folder: Path

    @property
    def page(self) -> str:
        return (self.folder / "report.html").read_text(encoding="utf-8")


def tell(model: Model, out: Path) -> Told:
    return Told(run(Job(name="toy", model=model, out=out), SILENT), model, out)


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The toy's report, of data, labels and a card that would be markup."""
    data = replace(read_toy(), name='<i>toy</i> & "friends"', dropped={"<u>spoilt</u>": 1_234})
    model = replace(TOY, read=only_sample(lambda: data), card=CARD, slices=(KINDS,), labels=("<no>", "yes"))
    return tell(model, tmp_path_factory.mktemp("toy"))


def test_a_page_needs_nothing_but_itself(toy: Told) -> None:
    reader = Reader(toy.page)

    assert reader.tags["script"] == reader.tags["link"] == reader.tags["img"] == 0
    assert re.findall(r"@import|url\(\s*['\"]?(?!#)", toy.page) == []
    assert {link[0] for link in reader.links} == {"#"}
    # Within the page every link and every reference of a drawing finds its one target.
    targets = {link[1:] for link in reader.links} | set(re.findall(r"url\(#([^)]+)\)", toy.page))
    assert targets <= reader.ids.keys()
    assert [name for name, count in reader.ids.items() if count > 1] == []


def test_what_comes_from_elsewhere_is_text_and_not_markup(toy: Told) -> None:
    reader = Reader(toy.page)

    for said in ('<i>toy</i> & "friends"', "<u>spoilt</u>", "Is it <b>yes</b> & why?", "“<no>”"):
        assert said in reader.said, said
    assert "For <script>alert(1)</script>." in reader.said
    assert reader.tags["i"] == reader.tags["b"] == reader.tags["u"] == reader.tags["no"] == 0


def test_a_page_says_how_good_how_sure_and_compared_with_what(toy: Told) -> None:
    said = " ".join(Reader(toy.page).said.split())

    for expected in (
        "Early on",
        "Linear model, early on",
        "Always the training rows' mean",
        "Average precision",
        "Calibration error",
        "From a probability of 0.2 on the answer is “yes”",
        "320 rows, 2024-01-01 to 2024-02-01",
        "80 rows, 2024-02-02 to 2024-02-09",
        "1,234",
        "Not meant for",
        "What the evaluation did not try",
        "scikit-learn",
        toy.report.version,
    ):
        assert expected in said, expected
    for name, value in toy.report.metrics.items():
        low, high = toy.report.intervals.get(name, (value, value))
        assert name == "base_rate" or f"{value:.3f}{low:.3f} to {high:.3f}" in said, name


def test_drawings_follow_the_readers_scheme(toy: Told) -> None:
    style, *drawings = re.findall(r"<style>.*?</style>|<svg.*?</svg>", toy.page, re.DOTALL)

    assert "@media (prefers-color-scheme: dark)" in style
    assert len(drawings) >= 6
    for drawing in drawings:
        # Every colour is one of the page's variables, which the style defines for both schemes.
        assert re.findall(r"#[0-9a-fA-F]{6}\b", drawing) == []
        for variable in set(re.findall(r"var\((--[\w-]+)\)", drawing)):
            assert style.count(f"{variable}:") >= 2


def test_every_drawing_lies_beside_the_page_as_a_picture(toy: Told) -> None:
    drawn = set(re.findall(r'<figure id="(\w+)"', toy.page))

    pictures = {path.stem: path.read_bytes() for path in (toy.folder / "report").iterdir()}

    assert {"roc", "precision_recall", "calibration", "importance", "kind_quality", "kind_mean"} == drawn
    assert pictures.keys() == drawn
    assert all(picture.startswith(b"\x89PNG\r\n\x1a\n") for picture in pictures.values())


def test_the_same_job_gives_the_same_page_and_pictures(toy: Told, tmp_path: Path) -> None:
    again = tell(toy.model, tmp_path)

    one, two = (
        {path.relative_to(told.folder): path.read_bytes() for path in told.folder.rglob("*.*")}
        for told in (toy, again)
    )
    assert one == two


def test_other_tasks_have_pages_of_their_own(tmp_path: Path) -> None:
    iris = Reader(tell(load_model("iris"), tmp_path / "iris").page)
    line: dict[str, Any] = {}
    exec(LINE, line)  # noqa: S102  # the text of a model's file, from this repository
    points = Reader(tell(line["MODEL"], tmp_path / "line").page)

    assert {"confusion", "roc", "importance"} <= iris.ids.keys()
    assert "Which species of iris is it?" in iris.said
    assert {"predicted", "errors", "importance"} <= points.ids.keys()
    assert "Root mean squared error" in points.said
    assert {"threshold", "calibration"}.isdisjoint(iris.ids.keys() | points.ids.keys())


def test_the_text_says_the_same_in_a_terminal(toy: Told) -> None:
    said = text(toy.report, toy.model)

    low, high = toy.report.intervals["roc_auc_late"]
    for expected in (
        f"{toy.report.metrics['roc_auc_late']:.4f}",
        f"{low:.3f} to {high:.3f}",
        f"{toy.report.linear['roc_auc_late']:.4f}",
        "dropped    1,234 <u>spoilt</u>",
        str(toy.folder / "report.html"),
    ):
        assert expected in said, expected


def test_parameters_that_were_chosen_are_told(tmp_path: Path) -> None:
    plan = Plan(parameters={"C": 0.25})

    report = run(Job(name="toy", model=TOY, out=tmp_path, plan=plan), SILENT)

    assert report.parameters == {"C": 0.25}
    assert "chosen     C 0.25" in text(report, TOY)
    assert "C = 0.25" in (tmp_path / "report.html").read_text()


def test_a_bundle_is_not_lost_with_its_report(tmp_path: Path) -> None:
    # Given a file where the pictures' folder should be
    (tmp_path / "report").write_text("a file")

    # When the model is trained
    report = run(Job(name="toy", model=TOY, out=tmp_path), SILENT)

    # Then the bundle is there, its figures too, and the text says what is missing
    assert read_archive(tmp_path / "model.tar.gz").manifest.version == report.version
    assert report.intervals.keys() >= {"roc_auc", "roc_auc_late"}
    assert report.page == ""
    assert "not written, while the bundle is right: FileExistsError" in text(report, TOY)


def test_without_the_page_there_are_figures_and_intervals_all_the_same(tmp_path: Path) -> None:
    report = run(Job(name="toy", model=TOY, out=tmp_path, page=False), SILENT)

    assert {path.name for path in tmp_path.iterdir()} == {"model.tar.gz"}
    assert (
        report.intervals["brier_score"][0]
        < report.metrics["brier_score"]
        < report.intervals["brier_score"][1]
    )
    assert report.linear == {}


def test_whoever_interrupts_the_drawing_is_told_that_the_bundle_was_written(tmp_path: Path) -> None:
    # Given somebody who loses patience at the page
    class Impatient(Progress):
        def step(self, text: str) -> None:
            if text == "drawing the report":
                raise KeyboardInterrupt

    # When the model is trained
    with pytest.raises(KeyboardInterrupt, match="the bundle was written, the report was not"):
        run(Job(name="toy", model=TOY, out=tmp_path), Impatient())

    # Then that is so
    assert {path.name for path in tmp_path.iterdir()} == {"model.tar.gz"}


def test_curves_of_many_rows_stay_small(tmp_path: Path) -> None:
    data = read_toy(40_000)

    report = tell(replace(TOY, read=only_sample(lambda: data)), tmp_path)

    assert len(report.page) < 150_000
