"""A bundle's figures in the job's log, where SageMaker finds them."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.model import Model

# SageMaker keeps at most so many of a job:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AlgorithmSpecification.html
MAX_DEFINITIONS = 40

_NAMES = {
    "binary": ("roc_auc", "average_precision", "brier_score", "log_loss", "calibration_error"),
    "multiclass": ("accuracy", "log_loss", "roc_auc"),
    "regression": ("r2", "mean_absolute_error", "root_mean_squared_error"),
}


def lines(metrics: Mapping[str, float]) -> Iterator[str]:
    """The figures as lines of a log."""
    return (f"metric {name}={value:g};" for name, value in metrics.items())


def definitions(model: "Model") -> list[dict[str, str]]:
    """What SageMaker has to look for in the log, each a name and a regular expression.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/define-train-metrics.html
    """
    _, *others = model.situations
    suffixes = ("", *(f"_{situation.name}" for situation in others))
    names = [f"{name}{suffix}" for suffix in suffixes for name in _NAMES[model.task]]
    return [{"name": name, "regex": f"metric {name}=([-+.0-9e]+);"} for name in names[:MAX_DEFINITIONS]]
