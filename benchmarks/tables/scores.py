"""Score of predictions on test rows: ROC AUC of classes, R2 of numbers."""

from typing import Any

import numpy as np
from sklearn.metrics import r2_score, roc_auc_score


def score(task: str, target: Any, output: Any) -> float:
    """Scores probabilities of shape (n, classes), or values."""
    if task == "regression":
        return float(r2_score(target, np.ravel(output)))
    if output.shape[1] == 2:
        return float(roc_auc_score(target, output[:, 1]))
    return float(roc_auc_score(target, output, multi_class="ovr", average="macro"))
