"""XGBoost classifier with reproducible parameters."""

import sys
from typing import Any

from xgboost import XGBClassifier

# The distribution to install; xgboost-cpu, without 300 MB of CUDA libraries, is not built for macOS.
DISTRIBUTION = "xgboost" if sys.platform == "darwin" else "xgboost-cpu"


def boosted_trees(seed: int, **parameters: Any) -> XGBClassifier:
    """Makes an unfitted classifier that is reproducible from rows, seed and parameters."""
    # One thread, because a sum of floats depends on the order of its terms.
    return XGBClassifier(random_state=seed, n_jobs=1, tree_method="hist", **parameters)
