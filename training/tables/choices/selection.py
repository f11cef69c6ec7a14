"""Choice of a recipe by held-out folds of the training rows: the simplest one within noise."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bundle import Field
from training.data.dataset import Dataset
from training.fitting.own_table_boosting import MANY_COLUMNS
from training.progress import Progress
from training.tables.choices.folds import Folds, Trial
from training.tables.choices.recipe import Recipe
from training.tables.choices.splits import SplitChoice

MOST_ROWS = 200_000
# Regularization of linear models: the usual one, then more and less.
_STRENGTHS = (1.0, 10.0, 100.0, 0.1, 0.01)
_FEW_ROWS = 20_000
# Share of what the best candidate gains over the mean that is not worth trees.
_SMALL_GAIN = 0.005


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The chosen recipe, and why.

    Attributes:
        recipe: The recipe.
        sentences: Why it was chosen.
        loss: Mean loss of the best recipe on held-out rows.
        constant_loss: That of the mean.
    """

    recipe: Recipe
    sentences: tuple[str, ...]
    loss: float
    constant_loss: float


def select(
    data: Dataset,
    fields: tuple[Field, ...],
    *,
    classes: int,
    choice: SplitChoice,
    groups: NDArray[np.intp] | None,
    seed: int,
    progress: Progress,
) -> Selection:
    """Fits each candidate on folds of the training rows, and chooses the simplest within noise.

    A simpler candidate is within noise when its mean loss is larger by at most one standard error of the
    difference, row by row. Source: Breiman et al., Classification and regression trees, 1984, section 3.4.3.
    """
    folds = Folds(data, fields, classes=classes, choice=choice, groups=groups, seed=seed)
    trials: list[Trial] = []
    for recipe in _candidates(len(data), classes, dated=choice.kind == "time"):
        if _is_past_the_best(recipe, trials):
            continue
        trial = folds.trial(recipe, min(trials, key=lambda one: one.loss, default=None))
        if trial is None:
            leaves = recipe.parameters["leaves"]
            progress.step(f"boosted trees of {leaves} leaves: far behind on the first fold")
            # Larger trees would learn more of the same.
            break
        progress.step(f"{trial.described}: loss {trial.loss:.4f} on {len(trial.losses):,} held-out rows")
        trials.append(trial)
        if len(fields) >= MANY_COLUMNS and _is_not_better(trial, trials):
            # Larger trees of many columns take long, and have more to overfit.
            break
    best = min(trials, key=lambda one: one.loss)
    linear = min((one for one in trials if one.recipe.kind == "linear"), key=lambda one: one.loss)
    chosen = linear if _within_noise(linear, best, folds.constant_loss) else best
    return Selection(
        recipe=chosen.recipe,
        sentences=(_because(chosen, linear, best, folds.constant_loss),),
        loss=best.loss,
        constant_loss=folds.constant_loss,
    )


def _is_not_better(trial: Trial, trials: list[Trial]) -> bool:
    """Whether trees are not better than the best linear model."""
    linear = [one.loss for one in trials if one.recipe.kind == "linear"]
    return trial.recipe.kind == "trees" and trial.loss >= min(linear)


def _is_past_the_best(recipe: Recipe, trials: list[Trial]) -> bool:
    """Whether a linear model is regularized still more in the direction in which the loss has grown."""
    if recipe.kind == "trees" or len(trials) < 2:
        return False
    strength = recipe.parameters["strength"]
    towards = [one for one in trials if (one.recipe.parameters["strength"] - 1) * (strength - 1) > 0]
    return bool(towards) and towards[-1].loss > trials[0].loss


def _within_noise(simple: Trial, best: Trial, constant: float) -> bool:
    differences = simple.losses - best.losses
    error = differences.std() / np.sqrt(len(differences))
    return bool(differences.mean() <= max(error, _SMALL_GAIN * (constant - best.loss)))


def _because(chosen: Trial, linear: Trial, best: Trial, constant: float) -> str:
    if chosen.loss >= constant:
        verdict = (
            "no candidate is better than always predicting the mean: the fields say little of the target"
        )
    elif chosen is best:
        verdict = (
            "it has the smallest loss"
            if chosen is not linear
            else "it has the smallest loss, and is the simplest"
        )
    else:
        verdict = (
            f"it is simpler than {best.described}, whose loss of {best.loss:.4f} is not smaller beyond noise"
        )
    other = f"; the best linear model has {linear.loss:.4f}" if chosen is not linear else ""
    return (
        f"The pipeline is {chosen.described}, because {verdict}: its loss is {chosen.loss:.4f} on "
        f"{len(chosen.losses):,} "
        f"held-out training rows{other}, and that of the mean {constant:.4f}."
    )


def _candidates(rows: int, classes: int, *, dated: bool) -> Iterator[Recipe]:
    for strength in _STRENGTHS if rows <= _FEW_ROWS else _STRENGTHS[:1]:
        yield Recipe(kind="linear", parameters={"strength": strength}, dated=dated)
    fewest = int(np.clip(rows // 100, 3, 20))
    # The trees of several classes are many, so each moves further.
    rate = 0.05 if rows <= _FEW_ROWS and classes <= 2 else 0.1
    for leaves, share in ((7, 0.6), (31, 0.8)) if rows <= _FEW_ROWS else ((31, 0.8), (127, 0.8)):
        yield Recipe(
            kind="trees",
            parameters={"leaves": leaves, "rate": rate, "share": share, "fewest": fewest},
            dated=dated,
        )
