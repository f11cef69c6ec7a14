"""Training rows with what a client may not know left out."""

from collections.abc import Iterable

import numpy as np

from training.dataset import Dataset
from training.model import Gap


def with_gaps(dataset: Dataset, gaps: Iterable[Gap], seed: int) -> Dataset:
    """The rows with each gap's fields absent in a random `share` of them; the same for the same seed."""
    random = np.random.default_rng(seed)
    for gap in gaps:
        dataset = dataset.blank(gap.fields, random.random(len(dataset)) < gap.share)
    return dataset
