"""The parts of the page that say how good the model is."""

from collections.abc import Iterable, Mapping

import numpy as np

from training.evaluation.decisions import Decisions
from training.evaluation.intervals import Figure
from training.evaluation.linear import TEST_ROWS, TRAIN_ROWS
from training.evaluation.metrics import FOREMOST
from training.report.elements import Markup, element, joined, table
from training.report.subject import Subject
from training.report.words import capital, metric_title

DECIDED = (
    "",
    "found",
    "missed",
    "false alarms",
    "rightly quiet",
    "precision",
    "recall",
    "cost",
    "of none",
    "of all",
)
MOST_LABELS = 20


def headline(subject: Subject) -> Markup:
    """One tile a situation: the foremost figure, how sure it is, and what is reached without the model."""
    model, evaluation = subject.model, subject.evaluation
    metric = FOREMOST[model.task]
    mean = evaluation.mean[metric].value
    tiles = []
    for situation in model.situations:
        figure = evaluation.situations[situation.name][metric]
        linear = evaluation.linear.get(situation.name, {}).get(metric)
        beside = f"linear model {linear.value:.3f}, " if linear else ""
        tiles.append(
            element(
                "div",
                element("h3", capital(situation.description)),
                element(
                    "div",
                    f"{figure.value:.3f}",
                    element("span", metric_title(metric), class_="unit"),
                    class_="value",
                ),
                element("p", f"{spread(figure)} on other days" if subject.is_dated else spread(figure)),
                element("p", f"{beside}the mean alone {mean:.3f}"),
                class_="tile",
            )
        )
    return element("div", *tiles, class_="tiles")


def quality(subject: Subject) -> Markup:
    """All metrics with their intervals, beside the baselines'."""
    model, evaluation = subject.model, subject.evaluation
    rows: list[tuple[str, Mapping[str, Figure]]] = []
    for situation in model.situations:
        rows.append((capital(situation.description), evaluation.situations[situation.name]))
        if situation.name in evaluation.linear:
            rows.append((f"Linear model, {situation.description}", evaluation.linear[situation.name]))
    rows.append(("Always the training rows' mean", evaluation.mean))
    names = list(evaluation.mean)
    drawn = "whole days drawn again" if subject.is_dated else "rows drawn again"
    return joined(
        (
            table(
                ["", *(capital(metric_title(name)) for name in names)],
                ([title, *(_with_range(figures[name]) for name in names)] for title, figures in rows),
            ),
            element(
                "p",
                f"In small print the 95 % interval, from 1,000 test sets of {drawn} with replacement. ",
                _about_linear(subject),
                class_="muted",
            ),
        )
    )


def decisions(subject: Subject) -> Markup:
    """What the threshold comes to in each situation, and its price beside doing without the model."""
    model = subject.model
    positive, negative = model.labels[1], model.labels[0]
    rows = (
        (capital(situation.description), *_decided(subject.evaluation.decisions[situation.name]))
        for situation in model.situations
    )
    return joined(
        (
            element(
                "p",
                f"From a probability of {model.threshold:g} on the answer is “{positive}”, because a missed "
                f"“{positive}” is taken to cost as much as {model.missed_cost:g} “{negative}” named wrongly. "
                "Costs are counted in such false alarms, for 1,000 rows; beside them what it costs to name "
                "none and to name all.",
            ),
            table(DECIDED, rows),
        )
    )


def confusion(subject: Subject) -> Markup:
    """Which labels were answered for which, in a model of several."""
    labels, output = subject.model.labels, subject.verified.outputs[subject.model.situations[-1].name]
    size = len(labels)
    counts = np.bincount(subject.split.test.target * size + output.argmax(axis=1), minlength=size * size)
    rows = ([label, *line] for label, line in zip(labels, counts.reshape(size, size).tolist(), strict=True))
    return joined(
        (element("p", "Down the right label, across the one answered."), table(["", *labels], rows))
    )


def spread(figure: Figure) -> str:
    """An interval in words."""
    return f"{figure.low:.3f} to {figure.high:.3f}"


def _with_range(figure: Figure) -> Markup:
    return joined((f"{figure.value:.3f}", element("span", spread(figure), class_="range")))


def _decided(made: Decisions) -> Iterable[str]:
    return (
        f"{made.hits:,}",
        f"{made.misses:,}",
        f"{made.alarms:,}",
        f"{made.quiet:,}",
        f"{made.precision:.1%}" if made.hits + made.alarms else "none named",
        f"{made.recall:.1%}",
        f"{made.cost:,.0f}",
        f"{made.cost_of_silence:,.0f}",
        f"{made.cost_of_crying:,.0f}",
    )


def _about_linear(subject: Subject) -> str:
    if not subject.evaluation.linear:
        return ""
    kind = "logistic" if subject.model.labels else "linear"
    return (
        f"The linear model is {kind} regression on the same fields, numbers scaled and codes as columns; "
        f"fitted for each situation by itself on at most {TRAIN_ROWS:,} of the rows, tested on at most "
        f"{TEST_ROWS:,}."
    )
