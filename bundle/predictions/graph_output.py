"""Task of a model, and the output tensor of its graph."""

from typing import Literal

Task = Literal["binary", "multiclass", "regression"]


def output_name(task: Task) -> str:
    """Returns the name of the graph's output tensor.

    `value` of a regression has shape (rows, 1); `probabilities` of a classifier has shape (rows, labels).
    """
    return "value" if task == "regression" else "probabilities"
