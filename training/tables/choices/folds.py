"""Folds of training rows, on which recipes are measured and calibrated."""

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgWarning
from scipy.optimize import minimize
from scipy.special import expit, log_softmax
from sklearn.exceptions import ConvergenceWarning

from bundle import Field
from training.data.dataset import Dataset
from training.data.model_inputs import pipeline_frame
from training.tables.choices.recipe import Recipe
from training.tables.choices.splits import SplitChoice

MOST_ROUNDS = 1_500
# Trees of all classes, which decide the size of the bundle and the time of an answer.
MOST_TREES = 3_000
# Number of folds of at most so many rows; 3 of more.
_FOLDS = ((2_000, 5), (20_000, 4))
_FEWEST_FOLDS = 3
_PATIENCE = 30
# Standard errors by which trees are behind for good.
_HOPELESS_ERRORS = 4.0
_SMALLEST_PROBABILITY = 1e-7


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A recipe, measured on rows that it was not fitted on.

    Attributes:
        recipe: The recipe, with its rounds and calibration.
        losses: Loss of each held-out row: logarithmic, or the squared error in variances of the target.
    """

    recipe: Recipe
    losses: NDArray[np.float64]

    @property
    def loss(self) -> float:
        """Mean loss."""
        return float(self.losses.mean())

    @property
    def described(self) -> str:
        """The recipe in words."""
        found = self.recipe.parameters
        if self.recipe.kind == "linear":
            return f"a linear model (regularization {found['strength']:g})"
        return f"boosted trees ({found['rounds']} rounds of {found['leaves']} leaves)"


class Folds:
    """Folds of the training rows, each with its encoded features."""

    def __init__(
        self,
        data: Dataset,
        fields: tuple[Field, ...],
        *,
        classes: int,
        choice: SplitChoice,
        groups: NDArray[np.intp] | None,
        seed: int,
    ) -> None:
        self._fields, self._classes, self._seed = fields, classes, seed
        self._frame, self._target = pipeline_frame(fields, data), data.target
        count = next((folds for most, folds in _FOLDS if len(data) <= most), _FEWEST_FOLDS)
        self._is_dated = choice.kind == "time"
        self._folds = choice.folds(data, groups, count, seed)
        self._encoded: dict[tuple[str, int], tuple[Any, Any]] = {}
        self._held_out = np.concatenate([rows for _, rows in self._folds])
        means = np.concatenate([self._constant(fitted, rows) for fitted, rows in self._folds])
        self.constant_loss = float(self._losses(means).mean())

    def trial(self, recipe: Recipe, best: Trial | None = None) -> Trial | None:
        """Measures a recipe; trees get their rounds, the same on all folds, and their calibration.

        Args:
            recipe: The recipe.
            best: The best trial so far; trees that fall behind it on the first fold have no trial.
        """
        first = self._fitted(recipe, 0)
        if best is not None and recipe.kind == "trees" and self._is_behind(recipe, first, best):
            return None
        models = [first, *(self._fitted(recipe, number) for number in range(1, len(self._folds)))]
        if recipe.kind == "linear":
            return Trial(recipe=recipe, losses=self._losses(self._outputs(recipe, models)))
        # With rounds of its own, chosen by its held-out rows, a fold would be measured too well.
        rounds = int(np.median([model.rounds_ for model in models]))
        fixed = replace(recipe, parameters={**recipe.parameters, "rounds": rounds})
        for model in models:
            model.grow(rounds)
            model.rounds_ = rounds
        outputs = self._outputs(recipe, models)
        slope, intercept = self._calibration(outputs)
        parameters = {**fixed.parameters, "slope": slope, "intercept": intercept}
        return Trial(
            recipe=replace(recipe, parameters=parameters), losses=self._losses(intercept + slope * outputs)
        )

    def _is_behind(self, recipe: Recipe, first: Any, best: Trial) -> bool:
        """Compares the losses on the first fold with those of the best trial: true when they are far larger.

        Source: Maron and Moore, Hoeffding races, 1994. Folds in the order of time grow, so none stands for
        the others.
        """
        if self._is_dated:
            return False
        outputs = self._outputs(recipe, [first])
        slope, intercept = self._calibration(outputs)
        differences = self._losses(intercept + slope * outputs) - best.losses[: len(outputs)]
        error = differences.std() / np.sqrt(len(differences))
        return bool(differences.mean() > _HOPELESS_ERRORS * error)

    def _fitted(self, recipe: Recipe, number: int) -> Any:
        """Fits on the rows of a fold; trees without `rounds` stop when its held-out rows gain no more."""
        inside, outside = self._folds[number]
        matrix, held_out = self._matrices(recipe, number)
        target = self._target[inside]
        if recipe.kind == "linear" or "rounds" in recipe.parameters:
            # Products of finite matrices in single precision report an invalid operation now and then.
            with warnings.catch_warnings(), np.errstate(invalid="ignore"):
                # A linear model that has not fully converged is measured as it is.
                warnings.simplefilter("ignore", ConvergenceWarning)
                # So is one of columns that depend on each other.
                warnings.simplefilter("ignore", LinAlgWarning)
                return recipe.estimator(classes=self._classes, seed=self._seed).fit(matrix, target)
        most = min(MOST_ROUNDS, MOST_TREES // (self._classes if self._classes > 2 else 1))
        grown = replace(recipe, parameters={**recipe.parameters, "rounds": most})
        model = grown.estimator(classes=self._classes, seed=self._seed)
        return model.fit(matrix, target, held_out=(held_out, self._target[outside]), patience=_PATIENCE)

    def _outputs(self, recipe: Recipe, models: list[Any]) -> NDArray[np.float64]:
        """Returns raw scores of the held-out rows, or values: shape (n, 1), or (n, classes)."""
        found = []
        for number, model in enumerate(models):
            held_out = self._matrices(recipe, number)[1]
            if not self._classes:
                output = model.predict(held_out)
            else:
                output = (model.scores if recipe.kind == "trees" else model.decision_function)(held_out)
            found.append(np.asarray(output, dtype=np.float64).reshape(len(held_out), -1))
        return np.concatenate(found)

    def _matrices(self, recipe: Recipe, number: int) -> tuple[Any, Any]:
        key = recipe.kind, number
        if key not in self._encoded:
            inside, outside = self._folds[number]
            features = recipe.features(self._fields, classes=self._classes)
            fitted = features.fit_transform(self._frame.iloc[inside], self._target[inside])
            self._encoded[key] = fitted, features.transform(self._frame.iloc[outside])
        return self._encoded[key]

    def _constant(self, inside: NDArray[np.intp], outside: NDArray[np.intp]) -> NDArray[np.float64]:
        target = self._target[inside]
        if not self._classes:
            return np.full((len(outside), 1), target.mean())
        shares = np.bincount(target, minlength=self._classes) / len(target)
        logs = np.log(np.maximum(shares, _SMALLEST_PROBABILITY))
        row = logs if self._classes > 2 else logs[1:] - logs[:1]
        return np.tile(row, (len(outside), 1))

    def _losses(self, outputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Returns the loss of each row, of all folds or of the first ones."""
        held_out = self._target[self._held_out]
        target = held_out[: len(outputs)]
        if not self._classes:
            return np.asarray((target - outputs[:, 0]) ** 2 / (held_out.var() or 1.0))
        return _log_losses(outputs, target)

    def _calibration(self, outputs: NDArray[np.float64]) -> tuple[float, float]:
        """Fits slope and intercept of raw scores; a regression, and several classes, need no intercept."""
        if not self._classes:
            return 1.0, 0.0
        target, binary = self._target[self._held_out[: len(outputs)]], self._classes == 2

        def loss(found: NDArray[np.float64]) -> float:
            return float(_log_losses(found[0] * outputs + (found[1] if binary else 0), target).mean())

        start = np.array([1.0, 0.0]) if binary else np.array([1.0])
        found = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 200, "xatol": 1e-4}).x
        slope = float(np.clip(round(float(found[0]), 4), 0.3, 2.0))
        return slope, round(float(found[1]), 4) if binary else 0.0


def _log_losses(scores: NDArray[np.float64], target: NDArray[Any]) -> NDArray[np.float64]:
    """Logarithmic loss of each row by raw scores: shape (n, 1) of two classes, (n, classes) of more."""
    if scores.shape[1] == 1:
        signed = np.where(target == 1, scores[:, 0], -scores[:, 0])
        return np.asarray(-np.log(np.maximum(expit(signed), _SMALLEST_PROBABILITY)))
    return np.asarray(-log_softmax(scores, axis=1)[np.arange(len(target)), target])
