"""Choice of the charts on a report page, by the model's task and slices."""

from collections.abc import Sequence

from training.evaluation.permutation_importance import IMPORTANCE_METRIC, MOST_MEASURED_FIELDS, RANKING_ROWS
from training.report.charts.chart import Chart, styled
from training.report.charts.classifier_curves import (
    draw_calibration,
    draw_precision_recall,
    draw_roc,
    series_by_label,
    series_by_situation,
)
from training.report.charts.dot_plots import draw_importance, draw_means, draw_slice
from training.report.charts.regression_plots import draw_errors, draw_predicted
from training.report.metric_titles import metric_title
from training.report.page_data import PageData


def draw_charts(page: PageData) -> dict[str, Sequence[Chart]]:
    """Draws the charts of a page, as "predictions", "slices" and "means" (target means by slice)."""
    with styled():
        return {
            "predictions": [*_prediction_charts(page), _importance_chart(page)],
            "slices": _slice_charts(page),
            "means": _mean_charts(page),
        }


def _prediction_charts(page: PageData) -> list[Chart]:
    model, outputs, target = page.model, page.verified.measured.outputs, page.split.test.target
    if model.task == "binary":
        series = series_by_situation(model, page.evaluation.rankings)
        return [draw_roc(series), draw_precision_recall(series), draw_calibration(series)]
    output = outputs[model.situations[-1].name]
    if model.task == "multiclass":
        return [draw_roc(series_by_label(model, target, output))]
    return [draw_predicted(target, output[:, 0]), draw_errors(target, output[:, 0])]


def _importance_chart(page: PageData) -> Chart:
    metric = metric_title(IMPORTANCE_METRIC[page.model.task])
    fields, left_out = len(page.model.fields), ""
    if fields > MOST_MEASURED_FIELDS:
        left_out = (
            f" Of {fields:,} fields, those are shown that lose most in one shuffle of {RANKING_ROWS:,} rows."
        )
    return draw_importance(page.evaluation.importance, page.model.situations, metric, left_out=left_out)


def _slice_charts(page: PageData) -> list[Chart]:
    model = page.model
    return [draw_slice(slice_, model.task, model.situations) for slice_ in page.evaluation.slices]


def _mean_charts(page: PageData) -> list[Chart]:
    labels = page.model.labels
    title = f"share of “{labels[-1]}”" if labels else "mean"
    return [draw_means(slice_, title, is_share=bool(labels)) for slice_ in page.evaluation.slices]
