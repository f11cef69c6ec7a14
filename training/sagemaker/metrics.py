"""Metrics of a training job: lines of its log, and the definitions by which SageMaker finds them."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from training.evaluation.metrics import METRIC_NAMES

if TYPE_CHECKING:
    from training.model import Model

# Largest number of metric definitions of a job:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AlgorithmSpecification.html
MAX_DEFINITIONS = 40


def log_lines(metrics: Mapping[str, float]) -> Iterator[str]:
    """Yields one line of the log for each metric."""
    return (f"metric {name}={value:g};" for name, value in metrics.items())


def metric_definitions(model: "Model") -> list[dict[str, str]]:
    """Returns the MetricDefinitions of a job: name and regular expression of each metric.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/define-train-metrics.html
    """
    _, *others = model.situations
    suffixes = ("", *(f"_{situation.name}" for situation in others))
    names = [f"{name}{suffix}" for suffix in suffixes for name in METRIC_NAMES[model.task]]
    return [{"name": name, "regex": f"metric {name}=([-+.0-9e]+);"} for name in names[:MAX_DEFINITIONS]]
