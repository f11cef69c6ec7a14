"""Which drawings a job's page has."""

from collections.abc import Sequence

from training.evaluation.importance import TOLD_BY
from training.report.charts.chart import Chart, styled
from training.report.charts.curves import (
    draw_calibration,
    draw_precision_recall,
    draw_roc,
    ranked_by_label,
    ranked_by_situation,
)
from training.report.charts.dots import draw_importance, draw_means, draw_slice
from training.report.charts.values import draw_errors, draw_predicted
from training.report.subject import Subject
from training.report.words import metric_title


def draw(subject: Subject) -> dict[str, Sequence[Chart]]:
    """The drawings by section of the page."""
    with styled():
        return {
            "answers": [*_answers(subject), _importance(subject)],
            "slices": _slices(subject),
            "means": _means(subject),
        }


def _answers(subject: Subject) -> list[Chart]:
    model, outputs, target = subject.model, subject.verified.outputs, subject.split.test.target
    if model.task == "binary":
        ranked = ranked_by_situation(model, subject.evaluation.rankings)
        return [draw_roc(ranked), draw_precision_recall(ranked), draw_calibration(ranked)]
    output = outputs[model.situations[-1].name]
    if model.task == "multiclass":
        return [draw_roc(ranked_by_label(model, target, output))]
    return [draw_predicted(target, output[:, 0]), draw_errors(target, output[:, 0])]


def _importance(subject: Subject) -> Chart:
    metric = metric_title(TOLD_BY[subject.model.task])
    return draw_importance(subject.evaluation.importance, subject.model.situations, metric)


def _slices(subject: Subject) -> list[Chart]:
    model = subject.model
    return [draw_slice(sliced, model.task, model.situations) for sliced in subject.evaluation.slices]


def _means(subject: Subject) -> list[Chart]:
    labels = subject.model.labels
    what = f"share of “{labels[-1]}”" if labels else "mean"
    return [draw_means(sliced, what, is_share=bool(labels)) for sliced in subject.evaluation.slices]
