"""LightGBM's boosting rounds on one machine: each grows a tree, can be the last, and can be resumed from."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm
import msgspec
import numpy as np
from lightgbm.callback import CallbackEnv, EarlyStopException
from numpy.typing import NDArray

from training.fit_plan import Plan

SAVE_EVERY = 10
DIGEST_BYTES = 8


def boost(
    rows: NDArray[np.float32],
    target: NDArray[Any],
    *,
    parameters: dict[str, Any],
    plan: Plan,
    model: Any,
) -> None:
    """Runs all rounds, or those that the plan's checkpoint lacks; sets `model.booster_` after each."""
    checkpoint = Checkpoint(plan.checkpoint, rows, target, parameters)
    model.booster_ = checkpoint.load()
    rounds = parameters["num_iterations"] - (model.booster_.num_trees() if model.booster_ else 0)

    def save(done: int, stopping: bool) -> None:
        if stopping or done % SAVE_EVERY == 0:
            checkpoint.save(model.booster_)
        if plan.watch:
            plan.watch(done)

    if rounds > 0:
        run_rounds(rows, target, parameters=parameters, plan=plan, model=model, rounds=rounds, after=save)
        # The booster of a training holds its rows and gradients; the trees alone are kept.
        model.booster_ = lightgbm.Booster(model_str=model.booster_.model_to_string())


def run_rounds(
    rows: NDArray[np.float32],
    target: NDArray[Any],
    *,
    parameters: dict[str, Any],
    plan: Plan,
    model: Any,
    rounds: int,
    after: Callable[[int, bool], None],
) -> None:
    """Adds so many rounds to `model.booster_`, fewer when the plan's `stopping` becomes true.

    Args:
        rows: Features of shape (n, features).
        target: Labels of shape (n,).
        parameters: LightGBM's parameters.
        plan: Says when to stop.
        model: Owner of `booster_`, the trees so far or None.
        rounds: Number of rounds.
        after: Called after each round with the number of rounds done and whether it was the last.
    """

    def after_each(env: CallbackEnv) -> None:
        model.booster_ = env.model
        stopping = plan.stopping()
        after(env.iteration + 1, stopping)
        if stopping:
            raise EarlyStopException(env.iteration, [])

    model.booster_ = lightgbm.train(
        {key: value for key, value in parameters.items() if key != "num_iterations"},
        lightgbm.Dataset(rows, target, params=parameters),
        rounds,
        init_model=model.booster_,
        keep_training_booster=True,
        callbacks=[_reseed(parameters["seed"]), after_each],
    )


class Checkpoint:
    """The trees so far, in a file whose name depends on the rows and parameters.

    Args:
        folder: Folder of the file; None disables the checkpoint.
        rows: Features.
        target: Labels.
        parameters: LightGBM's parameters.
    """

    def __init__(
        self, folder: Path | None, rows: NDArray[np.float32], target: NDArray[Any], parameters: dict[str, Any]
    ) -> None:
        self._path = folder and folder / f"trees-{_digest(rows, target, parameters)}.txt"

    def load(self) -> lightgbm.Booster | None:
        """Loads the saved trees, if there are any."""
        if self._path is None or not self._path.exists():
            return None
        return lightgbm.Booster(model_str=self._path.read_text(encoding="utf-8"))

    def save(self, booster: lightgbm.Booster) -> None:
        """Replaces the saved trees atomically."""
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self._path.with_suffix(".part")
            unfinished.write_text(booster.model_to_string(), encoding="utf-8")
            unfinished.replace(self._path)


def _reseed(seed: int) -> Callable[[CallbackEnv], None]:
    """Seeds the features of each tree by its number, so that a resumed fit draws the same features."""

    def draw(env: CallbackEnv) -> None:
        booster: Any = env.model
        booster.reset_parameter({"feature_fraction_seed": seed + env.iteration})

    draw.before_iteration = True  # type: ignore[attr-defined]  # LightGBM's mark of a callback before the round
    return draw


def _digest(rows: NDArray[np.float32], target: NDArray[Any], parameters: dict[str, Any]) -> str:
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    digest.update(np.ascontiguousarray(rows).data.cast("B"))
    digest.update(np.ascontiguousarray(target).data.cast("B"))
    digest.update(msgspec.json.encode(parameters))
    return digest.hexdigest()
