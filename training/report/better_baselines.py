"""Sentences on what is better than a model: the linear baseline, the mean, or always one label."""

from collections.abc import Iterator

from training.evaluation.confidence_intervals import MetricEstimate
from training.evaluation.evaluation import Evaluation
from training.evaluation.metrics import HIGHER_IS_BETTER, PRIMARY_METRIC
from training.model import Model, Situation
from training.report.metric_titles import metric_title, sentence_case

LINEAR = "the linear baseline"
MEAN = "always predicting the mean of the training rows"


def better_baselines(model: Model, evaluation: Evaluation) -> Iterator[str]:
    """Yields a sentence for each baseline that is better than the model in a situation."""
    primary = PRIMARY_METRIC[model.task]
    for situation in model.situations:
        own = evaluation.situations[situation.name]
        if situation.name in evaluation.linear:
            linear, gain = evaluation.linear[situation.name], evaluation.linear_gains[situation.name]
            yield from _not_worse(primary, linear[primary], own[primary], gain, situation)
        # A constant ranks nothing, so its ROC AUC says less than its Brier score.
        metric = "brier_score" if model.task == "binary" else primary
        yield from _compared(MEAN, metric, evaluation.mean[metric], own[metric], situation)
        yield from _cheaper(model, evaluation, situation)


def _not_worse(
    metric: str, linear: MetricEstimate, own: MetricEstimate, gain: MetricEstimate, situation: Situation
) -> Iterator[str]:
    """Yields a sentence when the linear baseline is better, or worse by no more than the test days differ."""
    if not gain.has_interval:
        yield from _compared(LINEAR, metric, linear, own, situation)
    elif gain.high >= 0:
        verdict = "better than the model" if gain.low > 0 else "not worse than the model beyond noise"
        yield (
            f"{sentence_case(LINEAR)} is {verdict} ({situation.description}): {metric_title(metric)} "
            f"{linear.value:.3f} against {own.value:.3f}; on the same test rows, the 95 % interval of its "
            f"gain is {gain.low:+.3f} to {gain.high:+.3f}. A simpler model does as well."
        )


def _compared(
    what: str, metric: str, other: MetricEstimate, own: MetricEstimate, situation: Situation
) -> Iterator[str]:
    gain = other.value - own.value if metric in HIGHER_IS_BETTER else own.value - other.value
    if gain > 0:
        yield (
            f"{sentence_case(what)} is better than the model ({situation.description}): "
            f"{metric_title(metric)} {other.value:.3f} against {own.value:.3f}."
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
