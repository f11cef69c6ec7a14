"""Sentences on what is not worse than a model: the linear baseline, the mean, or always one label."""

from collections.abc import Iterator, Sequence

from training.evaluation.baselines.comparison import LINEAR, MEAN, Comparison, metric_of
from training.evaluation.evaluation import Evaluation
from training.model import Model, Situation
from training.report.metric_titles import metric_title, sentence_case

OWN_PIPELINE = "the pipeline of the model's file"


def better_baselines(model: Model, evaluation: Evaluation) -> Iterator[str]:
    """Yields a sentence for each baseline that is not worse than the model in a situation."""
    for situation in model.situations:
        for comparison in _comparisons(model, evaluation, situation):
            if comparison.is_not_worse and comparison.baseline != model.baseline:
                yield f"{_compared(comparison, 'the model')} A simpler model does as well."
        if model.baseline != MEAN:
            yield from _cheaper(model, evaluation, situation)


def simplest_sentences(model: Model, comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Yields what `--simplest` chose, and why.

    Args:
        model: The model that ships.
        comparisons: The comparisons that decided.
    """
    if model.baseline:
        yield f"As --simplest asks, {model.baseline} ships instead of {OWN_PIPELINE}."
    elif comparisons:
        yield f"--simplest changes nothing: {OWN_PIPELINE} ships, because no simpler model is as good."
    else:
        yield f"--simplest changes nothing: {OWN_PIPELINE} ships, because the job was stopped before it."
    yield from (_compared(comparison, OWN_PIPELINE) for comparison in comparisons)


def _comparisons(model: Model, evaluation: Evaluation, situation: Situation) -> Iterator[Comparison]:
    name = situation.name
    found = [(MEAN, evaluation.mean, evaluation.mean_gains)]
    if name in evaluation.linear:
        found.insert(0, (LINEAR, evaluation.linear[name], evaluation.linear_gains))
    for baseline, estimates, gains in found:
        metric = metric_of(baseline, model.task)
        yield Comparison(
            baseline=baseline,
            situation=situation,
            metric=metric,
            value=estimates[metric].value,
            own=evaluation.situations[name][metric].value,
            gain=gains[name],
        )


def _compared(comparison: Comparison, model: str) -> str:
    gain = comparison.gain
    if comparison.is_better:
        verdict = f"better than {model}"
    elif comparison.is_not_worse:
        verdict = f"not worse than {model} beyond noise"
    else:
        verdict = f"worse than {model} beyond noise" if gain.has_interval else f"not better than {model}"
    interval = (
        f"; on the same test rows, the 95 % interval of its gain is {gain.low:+.3f} to {gain.high:+.3f}"
        if gain.has_interval
        else ""
    )
    return (
        f"{sentence_case(comparison.baseline)} is {verdict} ({comparison.situation.description}): "
        f"{metric_title(comparison.metric)} {comparison.value:.3f} against {comparison.own:.3f}{interval}."
    )


def _cheaper(model: Model, evaluation: Evaluation, situation: Situation) -> Iterator[str]:
    costs = evaluation.threshold_costs.get(situation.name)
    if costs is None:
        return
    always = {model.labels[0]: costs.cost_all_negative, model.labels[1]: costs.cost_all_positive}
    label, cost = min(always.items(), key=lambda item: item[1])
    if cost < costs.cost:
        yield (
            f"Always predicting “{label}” costs less than the model at its threshold "
            f"({situation.description}): {cost:,.0f} against {costs.cost:,.0f}."
        )
