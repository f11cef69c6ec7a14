"""Linear baseline: logistic or linear regression on the same fields and rows."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import LinAlgWarning
from sklearn.exceptions import ConvergenceWarning

from training.data.dataset import Dataset
from training.data.model_inputs import pipeline_frame
from training.data.split import Split, evenly
from training.evaluation.baselines.simple_pipelines import linear_pipeline
from training.evaluation.bootstrap import ClusterBootstrap
from training.evaluation.confidence_intervals import MetricEstimate, metrics_and_draws
from training.evaluation.metrics import PRIMARY_METRIC
from training.features.linear_features import LinearFeatures
from training.model import Model

# Rows, and cells of their matrix, that are fitted in seconds and a third of a gigabyte; a linear model of a
# hundred airports needs no more.
MAX_TRAIN_ROWS = 200_000
MAX_TRAIN_CELLS = 40_000_000
MAX_TEST_ROWS = 100_000
# Share of the numbers of a matrix up to which it is sparse.
MOST_NONZERO = 0.1
BLOCK_ROWS = 20_000


@dataclass(frozen=True, kw_only=True)
class LinearBaseline:
    """Quality of the linear baseline on the test rows, by situation; empty when no field can be used by it.

    Attributes:
        estimates: Its metrics.
        gains: How much better its primary metric is than the model's, on the same rows and in the same draws.
    """

    estimates: Mapping[str, Mapping[str, MetricEstimate]]
    gains: Mapping[str, MetricEstimate]


def linear_baseline(model: Model, split: Split, outputs: Mapping[str, NDArray[Any]]) -> LinearBaseline:
    """Fits logistic (or linear) regression for each situation and estimates its metrics on the test rows.

    At most 200,000 training rows, fewer when the matrix is wide, and 100,000 test rows are used, evenly
    spaced.

    Args:
        model: The model that it is compared with.
        split: Training rows and test rows.
        outputs: The model's outputs for all test rows, by situation.
    """
    train = split.train.take(evenly(len(split.train), MAX_TRAIN_ROWS))
    rows = evenly(len(split.test), MAX_TEST_ROWS)
    test = split.test.take(rows)
    bootstrap = ClusterBootstrap(test)
    estimates, gains = {}, {}
    for situation in model.situations:
        name = situation.name
        output = _predictions(model, train.without(situation.absent), test.without(situation.absent))
        if output is not None:
            linear = metrics_and_draws(model.task, test.target, output, bootstrap)
            own = metrics_and_draws(model.task, test.target, outputs[name][rows], bootstrap)
            estimates[name] = linear.estimates()
            gains[name] = linear.gain(own, PRIMARY_METRIC[model.task])
    return LinearBaseline(estimates=estimates, gains=gains)


def _predictions(model: Model, train: Dataset, test: Dataset) -> NDArray[Any] | None:
    pipeline = linear_pipeline(model, train)
    if pipeline is None:
        return None
    with warnings.catch_warnings():
        # A baseline that has not fully converged is still a baseline.
        warnings.simplefilter("ignore", ConvergenceWarning)
        # Columns that depend on each other are fitted by another solver.
        warnings.simplefilter("ignore", LinAlgWarning)
        rows = pipeline_frame(model.fields, train)
        features, regression = pipeline[0], pipeline[-1]
        most = evenly(len(rows), MAX_TRAIN_CELLS // max(features.fit(rows).width, 1))
        features.fit(rows.iloc[most])
        make = _matrix if model.labels else LinearFeatures.transform
        regression.fit(make(features, rows.iloc[most]), train.target[most])
    rows = pipeline_frame(model.fields, test)
    return np.asarray(pipeline.predict_proba(rows) if model.labels else pipeline.predict(rows).reshape(-1, 1))


def _matrix(features: LinearFeatures, rows: pd.DataFrame) -> Any:
    """Returns the matrix of the rows: a sparse one when the first of them are mostly zeros.

    A regression on a sparse matrix takes a third of the time. Its blocks are made one by one, so that the
    dense matrix is never whole in memory.
    """
    blocks: list[Any] = []
    for start in range(0, len(rows), BLOCK_ROWS):
        block = features.transform(rows.iloc[start : start + BLOCK_ROWS])
        if start == 0 and np.count_nonzero(block) > MOST_NONZERO * block.size:
            return features.transform(rows)
        blocks.append(sparse.csr_array(block))
    return sparse.vstack(blocks, format="csr")
