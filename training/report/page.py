"""The page: one file that needs nothing else, neither network nor script."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from training.report import background, quality
from training.report.charts.chart import Chart
from training.report.charts.gallery import draw
from training.report.elements import Markup, element, joined
from training.report.subject import Subject

PAGE, PICTURES = "report.html", "report"
STYLE = Path(__file__).with_name("style.css")
FOOTER = (
    "All figures are the exported bundle's own answers to the rows tested on, none of which it learned from. "
    "The same data and seed give the same bundle and the same page."
)


def write_page(folder: Path, subject: Subject) -> Path:
    """Writes report.html into a folder, and its drawings as PNG files into the folder report beside it.

    The same job gives the same bytes.

    Raises:
        OSError: When the folder cannot be written to.
    """
    charts = draw(subject)
    pictures = folder / PICTURES
    pictures.mkdir(parents=True, exist_ok=True)
    for stale in pictures.glob("*.png"):
        stale.unlink()
    for chart in (chart for section in charts.values() for chart in section):
        (pictures / f"{chart.name}.png").write_bytes(chart.png)
    path = folder / PAGE
    path.write_text(_page(subject, charts), encoding="utf-8")
    return path


def _page(subject: Subject, charts: dict[str, Sequence[Chart]]) -> str:
    parts = list(_sections(subject, charts))
    head = joined(
        (
            Markup('<meta charset="utf-8">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            element("title", f"{subject.report.model}: {subject.title}"),
            element("style", Markup(STYLE.read_text(encoding="utf-8"))),
        )
    )
    links = (element("a", title, href=f"#{anchor}") for anchor, title, _ in parts)
    header = element(
        "header",
        element("h1", subject.title),
        element("p", _about(subject), class_="about"),
        element("nav", *links),
    )
    body = element(
        "main",
        header,
        quality.headline(subject),
        *(_section(*part) for part in parts),
        element("footer", FOOTER),
    )
    return (
        "<!doctype html>\n" + element("html", element("head", head), element("body", body), lang="en") + "\n"
    )


def _sections(subject: Subject, charts: dict[str, Sequence[Chart]]) -> Iterator[tuple[str, str, Markup]]:
    model = subject.model
    yield "quality", "How good it is", joined((quality.quality(subject), _charts(charts["answers"])))
    if model.task == "binary":
        yield "threshold", "What its answers cost", quality.decisions(subject)
    if model.task == "multiclass" and len(model.labels) <= quality.MOST_LABELS:
        yield "confusion", "Which answers were wrong", quality.confusion(subject)
    if charts["slices"]:
        yield "parts", "Where it is good and where not", _charts(charts["slices"])
        yield "history", "What happened", _charts(charts["means"])
    yield "data", "The data", joined((background.data(subject), background.fields(subject)))
    if model.card:
        yield "card", "What it is for", background.card(model.card)
    yield "making", "How it was made", background.making(subject)


def _section(anchor: str, title: str, content: Markup) -> Markup:
    return element("section", element("h2", title), content, id=anchor)


def _charts(charts: Sequence[Chart]) -> Markup:
    figures = (
        element("figure", Markup(chart.svg), element("figcaption", chart.caption), id=chart.name)
        for chart in charts
    )
    return element("div", *figures, class_="charts")


def _about(subject: Subject) -> Markup:
    report = subject.report
    return joined(
        (
            "The model ",
            element("code", report.model),
            " in version ",
            element("code", report.version),
            f", learned from {report.train_rows:,} rows and tested on {report.test_rows:,} others",
            f" of {report.data}.",
        )
    )
