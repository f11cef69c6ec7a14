"""HTML report page: one file with inline style and charts, without script and without network access."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from training.report.charts.chart import Chart
from training.report.charts.page_charts import draw_charts
from training.report.html_elements import Markup, document, element, joined
from training.report.page_data import PageData
from training.report.page_files import write_page_files
from training.report.provenance_sections import card_section, data_section, fields_section, training_section
from training.report.quality_sections import (
    MAX_CONFUSION_LABELS,
    confusion_section,
    cuts_section,
    headline,
    metrics_section,
    threshold_section,
)
from training.report.quantile_section import quantile_section
from training.report.training_report import TrainingReport

STYLESHEET = Path(__file__).with_name("style.css")
FOOTER = (
    "All metrics are measured on the exported bundle's own predictions for the test rows, which were not "
    "used for training. The same data and the same seed give the same bundle and the same page."
)


def write_page(folder: Path, page: PageData) -> Path:
    """Writes report.html into a folder, and its charts as PNG files into the subfolder report.

    The same job gives the same bytes.

    Returns:
        The path of report.html.

    Raises:
        OSError: When the folder cannot be written to.
    """
    charts = draw_charts(page)
    pictures = {chart.name: chart.png for section in charts.values() for chart in section}
    return write_page_files(folder, _html(page, charts), pictures)


def _html(page: PageData, charts: dict[str, Sequence[Chart]]) -> str:
    sections = list(_sections(page, charts))
    links = (element("a", title, href=f"#{anchor}") for anchor, title, _ in sections)
    header = element(
        "header",
        element("h1", page.title),
        element("p", _about(page), class_="about"),
        element("nav", *links),
    )
    return document(
        f"{page.report.model}: {page.title}",
        STYLESHEET.read_text(encoding="utf-8"),
        header,
        *(
            element("p", sentence, class_="warning")
            for sentence in (*page.report.notes, *page.report.simplest, *page.report.warnings)
        ),
        headline(page),
        *(_section(*section) for section in sections),
        element("footer", FOOTER),
    )


def _sections(page: PageData, charts: dict[str, Sequence[Chart]]) -> Iterator[tuple[str, str, Markup]]:
    model = page.model
    yield "quality", "Quality", joined((metrics_section(page), figures(charts["predictions"])))
    if page.report.quantiles:
        yield "quantiles", "Median and range", quantile_section(page.report, page.report.quantiles)
    if page.report.cuts:
        yield "cuts", "Quality at several cuts in time", cuts_section(page)
    if model.task == "binary":
        yield "threshold", "Threshold and costs", threshold_section(page)
    if model.task == "multiclass" and len(model.labels) <= MAX_CONFUSION_LABELS:
        yield "confusion", "Confusion matrix", confusion_section(page)
    if charts["slices"]:
        yield "parts", "Quality by slice", figures(charts["slices"])
        yield "history", "Training and test rows by slice", figures(charts["means"])
    yield "data", "Data", joined((data_section(page), fields_section(page)))
    if model.card:
        yield "card", "Model card", card_section(model.card.of_data(page.split.train.known_fields))
    yield "making", "Training", training_section(page)


def _section(anchor: str, title: str, content: Markup) -> Markup:
    return element("section", element("h2", title), content, id=anchor)


def figures(charts: Sequence[Chart]) -> Markup:
    """Returns charts side by side, each with its caption."""
    shown = (
        element("figure", Markup(chart.svg), element("figcaption", chart.caption), id=chart.name)
        for chart in charts
    )
    return element("div", *shown, class_="charts")


def _fits(report: TrainingReport) -> str:
    measured = f"trained on {report.train_rows:,} rows and tested on {report.test_rows:,} other rows"
    if not report.refitted_on:
        return measured
    return f"trained on all {report.refitted_on:,} rows; its figures are those of the same recipe {measured}"


def _about(page: PageData) -> Markup:
    report = page.report
    return joined(
        (
            "Model ",
            element("code", report.model),
            ", version ",
            element("code", report.version),
            f", {_fits(report)} of {report.data}.",
        )
    )
