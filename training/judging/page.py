"""Page of a verdict: verdict.html, in the style of the training report, and the file verdict.json."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bundle.texts.counted_noun import counted
from training.evaluation.metrics import positive_probability
from training.evaluation.ranking_metrics import Ranking
from training.judging.compared_rows import ComparedRows
from training.judging.contender import CHALLENGER, CHAMPION
from training.judging.differences import Difference
from training.judging.judge import Judgement
from training.judging.verdict import VERDICT_FILE, VERDICT_PAGE, Verdict
from training.report.charts.chart import Chart, styled
from training.report.charts.classifier_curves import CurveSeries, draw_calibration, draw_roc
from training.report.charts.comparison_plots import NamedDifference, draw_days, draw_differences
from training.report.html_elements import Markup, bullets, definitions, document, element, joined, table
from training.report.metric_titles import metric_title, sentence_case
from training.report.page import STYLESHEET, figures

_DRAWN_PARTS = 15
_DAY_METRIC = {"binary": "Brier score", "multiclass": "accuracy", "regression": "mean absolute error"}
_FOOTER = (
    "Both models ran through the graphs of their bundles, on the same rows. The same bundles and rows give "
    "the same page."
)


def write_verdict(folder: Path, judgement: Judgement) -> Path:
    """Writes verdict.html and verdict.json into a folder, the one that decides last.

    Returns:
        The path of verdict.html.

    Raises:
        OSError: When the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / VERDICT_FILE).unlink(missing_ok=True)
    page = folder / VERDICT_PAGE
    page.write_text(_html(judgement), encoding="utf-8")
    (folder / VERDICT_FILE).write_bytes(judgement.verdict.encode())
    return page


def _html(judgement: Judgement) -> str:
    verdict, compared = judgement.verdict, judgement.compared
    title = "The challenger passes" if verdict.passes else "The challenger does not pass"
    header = element(
        "header",
        element("h1", title),
        element(
            "p",
            "Model ",
            element("code", verdict.model),
            ": challenger ",
            element("code", verdict.challenger),
            " against champion ",
            element("code", verdict.champion),
            f", on {_rows(verdict)}.",
            class_="about",
        ),
    )
    sections = [("Reasons", bullets(verdict.reasons)), *_figures(verdict, compared)]
    return document(
        f"{verdict.model}: {title.lower()}",
        STYLESHEET.read_text(encoding="utf-8"),
        header,
        *(element("section", element("h2", name), content) for name, content in sections),
        element("footer", _FOOTER),
    )


def _rows(verdict: Verdict) -> str:
    if not verdict.rows:
        return "no rows"
    period = f", {verdict.start} to {verdict.end}" if verdict.start else ""
    return f"{counted(verdict.rows, 'row')} that neither has learned from{period}"


def _figures(verdict: Verdict, compared: ComparedRows | None) -> Iterator[tuple[str, Markup]]:
    if compared:
        with styled():
            charts = [*_charts(compared)]
        unit = "resampled days" if verdict.days else "resampled rows"
        note = (
            f"Difference: champion minus challenger, with its 95 % interval from {unit}. Of ROC AUC, "
            "accuracy and R², a larger value is better; of all others a smaller one."
        )
        yield (
            "Quality",
            joined((_metrics(compared), element("p", note, class_="muted"), figures(charts))),
        )
        if verdict.slices:
            yield "Parts of the rows", joined((_parts(verdict), element("p", _about_parts(), class_="muted")))
    yield "Bundles", _bundles(verdict)
    if others := [check.sentence for check in verdict.checks if check.passes != verdict.passes]:
        yield "Passed checks", bullets(others)
    pairs = (
        (name.replace("_", " "), f"{getattr(verdict.rule, name):g}")
        for name in verdict.rule.__struct_fields__
    )
    yield "Rule", definitions(pairs)


def _metrics(compared: ComparedRows) -> Markup:
    several = len(compared.model.situations) > 1
    rows = (
        [
            f"{sentence_case(metric_title(metric))}{f', {situation.description}' if several else ''}",
            *_cells(difference),
        ]
        for situation in compared.model.situations
        for metric, difference in compared.differences[situation.name].items()
    )
    return table(("", CHAMPION, CHALLENGER, "difference", "interval"), rows)


def _cells(difference: Difference) -> Sequence[str]:
    is_known = difference.low == difference.low  # NaN alone differs from itself
    return (
        f"{difference.champion:.4f}",
        f"{difference.challenger:.4f}",
        f"{difference.difference:+.4f}",
        f"{difference.low:+.4f} to {difference.high:+.4f}" if is_known else "none",
    )


def _parts(verdict: Verdict) -> Markup:
    rows = (
        [f"{part.slice} {part.part}, {part.situation}", f"{part.rows:,}", *_cells(part)]
        for part in verdict.slices
    )
    metric = metric_title(verdict.slices[0].metric)
    headings = ("", "rows", f"{metric}, {CHAMPION}", f"{metric}, {CHALLENGER}", "difference", "interval")
    return table(headings, rows)


def _about_parts() -> str:
    return (
        "The parts in which the challenger loses most, beyond noise first. The intervals hold together: the "
        "chance that any of them, of all parts compared, misses its true difference is 5 %."
    )


def _bundles(verdict: Verdict) -> Markup:
    roles = (CHAMPION, CHALLENGER)
    one, two = (verdict.learned[role] for role in roles)
    graphs = [verdict.graph[role] for role in roles]
    rows = [
        ["version", verdict.champion, verdict.challenger],
        ["data", one.data, two.data],
        ["learned rows", f"{one.rows:,}", f"{two.rows:,}"],
        ["first day", one.start or "none", two.start or "none"],
        ["last day", one.end or "none", two.end or "none"],
        ["bytes of the graph", *(f"{graph.bytes:,}" for graph in graphs)],
        ["golden rows", *(f"{graph.golden_rows}" for graph in graphs)],
    ]
    return table(("", CHAMPION, CHALLENGER), rows)


def _charts(compared: ComparedRows) -> Iterator[Chart]:
    model = compared.model
    last = model.situations[-1]
    if model.task == "binary":
        rankings = {
            role: Ranking(compared.rows.target, positive_probability(outputs[last.name]))
            for role, outputs in compared.outputs.items()
        }
        series = CurveSeries(target=f"“{model.labels[1]}”", rankings=rankings)
        yield draw_roc(series)
        yield draw_calibration(series)
    if compared.rows.dates is not None:
        yield _days_chart(compared, compared.rows.dates)
    if compared.parts:
        named = [
            NamedDifference(f"{part.part}, {part.situation}", part.difference, part.low, part.high)
            for part in compared.parts[:_DRAWN_PARTS]
        ]
        metric = metric_title(compared.parts[0].metric)
        yield draw_differences(
            named,
            name="parts",
            what=f"{metric}, champion minus challenger",
            caption=f"Difference of {metric} in the {len(named)} parts of the rows in which the challenger "
            "loses most, with intervals that hold together. On the dashed line both are equal.",
        )


def _days_chart(compared: ComparedRows, dates: NDArray[np.datetime64]) -> Chart:
    model = compared.model
    days, codes = np.unique(dates, return_inverse=True)
    counts = np.bincount(codes)
    last = model.situations[-1]
    series = {
        role: np.bincount(codes, weights=_row_figures(compared, outputs[last.name])) / counts
        for role, outputs in compared.outputs.items()
    }
    metric = _DAY_METRIC[model.task]
    where = f" ({last.description})" if len(model.situations) > 1 else ""
    return draw_days(
        days,
        series,
        name="days",
        what=metric,
        caption=f"{sentence_case(metric)} of each day{where}.",
    )


def _row_figures(compared: ComparedRows, output: NDArray[np.float32]) -> NDArray[np.float64]:
    target = compared.rows.target
    if compared.model.task == "binary":
        return np.asarray((positive_probability(output) - target) ** 2)
    if compared.model.task == "multiclass":
        return np.asarray(output.argmax(axis=1) == target, dtype=np.float64)
    return np.asarray(np.abs(output[:, 0] - target))
