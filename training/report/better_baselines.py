"""Sentences on what is better than a model: the linear baseline, the mean, or always one label."""

from collections.abc import Iterator

from training.evaluation.confidence_intervals import MetricEstimate
from training.evaluation.evaluation import Evaluation
from training.evaluation.metrics import PRIMARY_METRIC
from training.model import Model, Situation
from training.report.metric_titles import metric_title, sentence_case

# Metrics of which a higher value is better; of all others a lower one.
HIGHER_IS_BETTER = frozenset({"roc_auc", "average_precision", "accuracy", "r2"})
LINEAR = "the linear baseline"
MEAN = "always predicting the mean of the training rows"


def better_baselines(model: Model, evaluation: Evaluation) -> Iterator[str]:
    """Yields a sentence for each baseline that is better than the model in a situation."""
    primary = PRIMARY_METRIC[model.task]
    for situation in model.situations:
        own = evaluation.situations[situation.name]
        if linear := evaluation.linear.get(situation.name):
            yield from _compared(LINEAR, primary, linear[primary], own[primary], situation)
        # A constant ranks nothing, so its ROC AUC says less than its Brier score.
        metric = "brier_score" if model.task == "binary" else primary
        yield from _compared(MEAN, metric, evaluation.mean[metric], own[metric], situation)
        yield from _cheaper(model, evaluation, situation)


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
