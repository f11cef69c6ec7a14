"""Sections of the report page on quality: metrics, threshold costs, confusion matrix."""

from collections.abc import Iterable, Mapping

import numpy as np

from training.evaluation.baselines.linear_baseline import MAX_TEST_ROWS, MAX_TRAIN_ROWS
from training.evaluation.bootstrap import BOOTSTRAP_DRAWS
from training.evaluation.confidence_intervals import MetricEstimate
from training.evaluation.metrics import PRIMARY_METRIC
from training.evaluation.threshold_costs import COST_ROWS, ThresholdCosts
from training.report.html_elements import Markup, element, joined, table
from training.report.metric_titles import metric_title, sentence_case
from training.report.page_data import PageData

COST_HEADINGS = (
    "",
    "true positives",
    "false negatives",
    "false positives",
    "true negatives",
    "precision",
    "recall",
    "cost",
    "cost, all negative",
    "cost, all positive",
)
MAX_CONFUSION_LABELS = 20


def headline(page: PageData) -> Markup:
    """Returns one tile a situation: the primary metric, its interval and the baselines' values."""
    model, evaluation = page.model, page.evaluation
    metric = PRIMARY_METRIC[model.task]
    mean = evaluation.mean[metric].value
    tiles = []
    for situation in model.situations:
        estimate = evaluation.situations[situation.name][metric]
        linear = evaluation.linear.get(situation.name, {}).get(metric)
        linear_text = f"linear baseline {linear.value:.3f}, " if linear else ""
        tiles.append(
            element(
                "div",
                element("h2", sentence_case(situation.description)),
                element(
                    "div",
                    f"{estimate.value:.3f}",
                    element("span", metric_title(metric), class_="unit"),
                    class_="value",
                ),
                element("p", f"95 % interval {interval_text(estimate)}"),
                element("p", f"{linear_text}mean baseline {mean:.3f}"),
                class_="tile",
            )
        )
    return element("div", *tiles, class_="tiles")


def metrics_section(page: PageData) -> Markup:
    """Returns all metrics with their intervals, and those of the baselines."""
    model, evaluation = page.model, page.evaluation
    rows: list[tuple[str, Mapping[str, MetricEstimate]]] = []
    for situation in model.situations:
        rows.append((sentence_case(situation.description), evaluation.situations[situation.name]))
        if situation.name in evaluation.linear:
            rows.append((f"Linear baseline, {situation.description}", evaluation.linear[situation.name]))
    rows.append(("Mean baseline", evaluation.mean))
    names = list(evaluation.mean)
    unit = "whole days" if page.is_dated else "rows"
    return joined(
        (
            table(
                ["", *(sentence_case(metric_title(name)) for name in names)],
                ([title, *(_with_interval(estimates[name]) for name in names)] for title, estimates in rows),
            ),
            element(
                "p",
                f"In small figures: the 95 % confidence interval, from {BOOTSTRAP_DRAWS:,} resampled test "
                f"sets of {unit} drawn with replacement. The mean baseline always predicts the mean of the "
                "training rows. ",
                _about_linear_baseline(page),
                class_="muted",
            ),
        )
    )


def cuts_section(page: PageData) -> Markup:
    """Returns the metrics at several cuts in time, by situation."""
    model, cuts = page.model, page.report.cuts
    names = list(page.evaluation.mean)
    rows = (
        [
            f"{cut.start} to {cut.end}, {situation.description}",
            f"{cut.train_rows:,}",
            f"{cut.test_rows:,}",
            *(f"{cut.metrics[situation.name][name]:.3f}" for name in names),
        ]
        for cut in cuts
        for situation in model.situations
    )
    headings = ["", "rows before", "test rows", *(sentence_case(metric_title(name)) for name in names)]
    return joined(
        (
            element(
                "p", "The same recipe, each time fitted on all rows before the first day of its test rows."
            ),
            table(headings, rows),
        )
    )


def threshold_section(page: PageData) -> Markup:
    """Returns the confusion counts at the threshold and their costs, by situation."""
    model = page.model
    positive, negative = model.labels[1], model.labels[0]
    rows = (
        (sentence_case(situation.description), *_cells(page.evaluation.threshold_costs[situation.name]))
        for situation in model.situations
    )
    return joined(
        (
            element(
                "p",
                f"The model predicts “{positive}” from a probability of {model.threshold:g} on. The "
                f"threshold follows from the costs: one “{positive}” predicted as “{negative}” (false "
                f"negative) costs as much as {model.missed_cost:g} “{negative}” predicted as “{positive}” "
                f"(false positives). The table states costs of {COST_ROWS:,} rows in false positives: of the "
                f"model, of always predicting “{negative}” (all negative) and of always predicting "
                f"“{positive}” (all positive).",
            ),
            table(COST_HEADINGS, rows),
        )
    )


def confusion_section(page: PageData) -> Markup:
    """Returns the confusion matrix of a multiclass model."""
    labels, output = page.model.labels, page.verified.measured.outputs[page.model.situations[-1].name]
    size = len(labels)
    counts = np.bincount(page.split.test.target * size + output.argmax(axis=1), minlength=size * size)
    rows = ([label, *line] for label, line in zip(labels, counts.reshape(size, size).tolist(), strict=True))
    return joined(
        (element("p", "Rows: the true label. Columns: the predicted label."), table(["", *labels], rows))
    )


def interval_text(estimate: MetricEstimate) -> str:
    """Returns an interval as text, such as "0.604 to 0.648"."""
    if not estimate.has_interval:
        return "none, because one day does not show how much days differ"
    return f"{estimate.low:.3f} to {estimate.high:.3f}"


def _with_interval(estimate: MetricEstimate) -> Markup:
    interval = interval_text(estimate) if estimate.has_interval else "no interval"
    return joined((f"{estimate.value:.3f}", element("span", interval, class_="range")))


def _cells(costs: ThresholdCosts) -> Iterable[str]:
    return (
        f"{costs.true_positives:,}",
        f"{costs.false_negatives:,}",
        f"{costs.false_positives:,}",
        f"{costs.true_negatives:,}",
        f"{costs.precision:.1%}" if costs.true_positives + costs.false_positives else "undefined",
        f"{costs.recall:.1%}",
        f"{costs.cost:,.0f}",
        f"{costs.cost_all_negative:,.0f}",
        f"{costs.cost_all_positive:,.0f}",
    )


def _about_linear_baseline(page: PageData) -> str:
    if not page.evaluation.linear:
        return ""
    kind = "logistic" if page.model.labels else "linear"
    return (
        f"The linear baseline is {kind} regression on the same fields, with standardized numbers and one-hot "
        f"encoded codes, hours and days of the week. It is fitted for each situation on at most "
        f"{MAX_TRAIN_ROWS:,} training rows and tested on at most {MAX_TEST_ROWS:,} test rows."
    )
