"""Choice of the simplest model that is not worse than a model's own pipeline beyond noise."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sklearn.exceptions import ConvergenceWarning

from training.data.dataset import Dataset
from training.data.split import Split
from training.evaluation.baselines.comparison import LINEAR, MEAN, Comparison, compare
from training.evaluation.baselines.simple_pipelines import constant_pipeline, linear_pipeline
from training.evaluation.bootstrap import ClusterBootstrap
from training.fit_plan import Plan
from training.fitting.fit import Fitted, fit
from training.model import Model
from training.progress import Progress


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The model that ships.

    Attributes:
        fitted: Its fit on the training rows.
        comparisons: Why: the situations in which the chosen baseline is not worse; or, when the model's own
            pipeline is chosen, the first situation in which each baseline is worse.
    """

    fitted: Fitted
    comparisons: tuple[Comparison, ...]


def simplest(split: Split, plan: Plan, *, tested: Fitted, progress: Progress) -> Choice:
    """Chooses the simplest of a constant, a linear model and the model's own pipeline.

    A baseline is fitted on all training rows, as one pipeline for all situations, and must be not worse in
    each of them.

    Args:
        split: Training rows and test rows.
        plan: How the model's own pipeline was fitted.
        tested: The model's own pipeline, fitted on the training rows.
        progress: Receives one line a baseline.

    Raises:
        TrainingError: When a label does not occur in the test rows.
    """
    model, test = tested.model, split.test
    bootstrap, own = ClusterBootstrap(test), tested.outputs(test)
    worse = []
    for candidate in _candidates(model, split.train):
        progress.step(f"fitting {candidate.baseline} on {len(split.train):,} rows")
        fitted = fit_baseline(candidate, split.train, plan)
        outputs = fitted.outputs(test)
        comparisons = tuple(
            compare(
                candidate.baseline,
                situation,
                task=model.task,
                target=test.target,
                output=outputs[situation.name],
                own=own[situation.name],
                bootstrap=bootstrap,
            )
            for situation in model.situations
        )
        decisive = next((one for one in comparisons if not one.is_not_worse), None)
        if decisive is None:
            return Choice(fitted=fitted, comparisons=comparisons)
        worse.append(decisive)
    return Choice(fitted=tested, comparisons=tuple(worse))


def fit_baseline(model: Model, rows: Dataset, plan: Plan) -> Fitted:
    """Fits a baseline, which knows no cluster and no hyperparameters."""
    with warnings.catch_warnings():
        # A baseline that has not fully converged is still a baseline.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return fit(model, rows, replace(plan.alone(), parameters={}))


def _candidates(model: Model, train: Dataset) -> Iterator[Model]:
    """Yields a copy of the model for each baseline, the simplest first."""
    yield model.replaced_by(MEAN, lambda: constant_pipeline(model))
    if linear_pipeline(model, train) is not None:
        yield model.replaced_by(LINEAR, lambda: linear_pipeline(model, train))
