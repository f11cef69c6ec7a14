"""Hyperparameter tuning with Optuna on the training rows."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState
from sklearn.metrics import log_loss, mean_squared_error

from training.data.dataset import Dataset
from training.data.split import evenly
from training.errors import TrainingError
from training.fit_plan import Plan
from training.fitting.fit import Fitted, fit_pipeline, training_frame
from training.model import Model
from training.progress import Progress

PRUNE_EVERY = 20
TRIALS_BEFORE_PRUNING = 5
# Training rows of the trials: a year of flights would allow three trials in four minutes.
MOST_TUNED_ON = 300_000
JOURNAL = "tuning.journal"
OWN_LOSS = "loss of the model's own parameters"

Hyperparameters: TypeAlias = Mapping[str, float | int | str]


def tune(
    model: Model,
    train: Dataset,
    plan: Plan,
    *,
    minutes: float,
    folder: Path,
    progress: Progress,
    clock: Callable[[], float] = time.monotonic,
) -> Hyperparameters:
    """Searches hyperparameters for so many minutes; returns the model's own if none are better.

    The training rows are split as the model splits rows: each trial is fitted on one part, and its mean loss
    over the model's situations is computed on the other. Trials are saved in the folder; a later search
    continues from them. Of many rows, the trials use a part, spread evenly over time; the best of them is
    then compared with the model's own hyperparameters on all training rows.

    Args:
        model: Has the search space.
        train: Training rows; the test rows are not used here.
        plan: How to fit; the hyperparameters that it sets are not searched.
        minutes: Time of the search.
        folder: Folder of the saved trials.
        progress: Shows each trial.
        clock: Seconds of a monotonic clock.

    Raises:
        TrainingError: When the model has no search space, or one fit takes longer than the search.
    """
    if model.space is None:
        raise TrainingError("This model has nothing to tune: leave --tune out.")
    deadline = clock() + minutes * 60

    def is_over() -> bool:
        return clock() >= deadline or plan.stopping()

    rows = train.take(evenly(len(train), MOST_TUNED_ON)) if len(train) > MOST_TUNED_ON else train
    trials = _Trials(model, rows, plan, until=is_over)
    study = _study(folder / JOURNAL, rows, plan)
    if OWN_LOSS not in study.user_attrs:
        study.set_user_attr(OWN_LOSS, trials.loss({}))
    own = study.user_attrs[OWN_LOSS]
    of = f" on {len(rows):,} of {len(train):,} rows" if len(rows) < len(train) else ""
    progress.step(
        f"tuning{of}: loss {own:.5f} with the model's own hyperparameters, {len(study.trials)} trials so far"
    )
    if not is_over():
        study.optimize(trials.run, callbacks=[_shown_on(progress), _stopped_when(is_over)])
    finished = study.get_trials(states=[TrialState.COMPLETE])
    if not finished or study.best_value >= own:
        progress.step("tuning: no trial was better than the model's own hyperparameters")
        return plan.parameters
    progress.step(f"tuning: loss {study.best_value:.5f} with {study.best_params}")
    if len(rows) < len(train) and not is_better(study.best_params, model, train, plan, progress):
        return plan.parameters
    return {**study.best_params, **plan.parameters}


def is_better(found: Hyperparameters, model: Model, train: Dataset, plan: Plan, progress: Progress) -> bool:
    """Compares hyperparameters with the model's own on all training rows; false when the plan stops."""
    trials = _Trials(model, train, plan, until=plan.stopping)
    try:
        own, loss = trials.loss({}), trials.loss(found)
    except TrainingError:
        if plan.stopping():
            return False
        raise
    verdict = "kept" if loss < own else "not kept"
    progress.step(
        f"tuning: loss {loss:.5f} on all {len(train):,} rows, {own:.5f} with the model's own: {verdict}"
    )
    return loss < own


class _Trials:
    """Trials: fits on one part of the training rows, losses on the other.

    Args:
        model: Model to tune.
        rows: Training rows.
        plan: How to fit.
        until: True when the time is over.
    """

    def __init__(self, model: Model, rows: Dataset, plan: Plan, *, until: Callable[[], bool]) -> None:
        self._model, self._plan, self._until = model, plan, until
        self._split = model.split(rows, plan.seed)
        self._rows = training_frame(model, self._split.train, plan)

    def run(self, trial: optuna.Trial) -> float:
        """Computes the loss of a trial's hyperparameters."""
        space = self._model.space
        return self.loss(space(trial) if space else {}, trial)

    def loss(self, parameters: Hyperparameters, trial: optuna.Trial | None = None) -> float:
        """Computes the loss of these hyperparameters.

        Raises:
            TrialPruned: When Optuna prunes the trial, or the time is over.
            TrainingError: When the time is over and there is no trial.
        """

        def watch(rounds: int) -> None:
            if trial is None or rounds % PRUNE_EVERY:
                return
            trial.report(self._loss(fitted), rounds)
            if trial.should_prune():
                raise optuna.TrialPruned

        plan = replace(
            self._plan.alone(),
            parameters={**parameters, **self._plan.parameters},
            calibrated=False,
            stopping=self._until,
            watch=watch,
        )
        fitted = Fitted(model=self._model, pipeline=self._model.pipeline(self._model.columns, plan))
        fit_pipeline(fitted.pipeline, self._rows, self._split.train)
        if self._until():
            if trial is None:
                raise TrainingError("One fit takes longer than the minutes of --tune: give more.")
            raise optuna.TrialPruned
        return self._loss(fitted)

    def _loss(self, fitted: Fitted) -> float:
        test, task = self._split.test, self._model.task
        outputs = fitted.outputs(test).values()
        if task == "regression":
            losses = [mean_squared_error(test.target, output[:, 0]) for output in outputs]
        else:
            labels = range(len(self._model.labels))
            losses = [log_loss(test.target, output, labels=labels) for output in outputs]
        return float(np.mean(losses))


def _study(journal: Path, rows: Dataset, plan: Plan) -> optuna.Study:
    """Opens or creates the study of these rows in the journal."""
    optuna.logging.set_verbosity(logging.WARNING)
    journal.parent.mkdir(parents=True, exist_ok=True)
    fixed = f", with {dict(plan.parameters)}" if plan.parameters else ""
    return optuna.create_study(
        study_name=f"{rows.name}: {len(rows)} rows, {' to '.join(rows.period)}{fixed}",
        storage=JournalStorage(JournalFileBackend(str(journal))),
        load_if_exists=True,
        sampler=optuna.samplers.TPESampler(seed=plan.seed),
        pruner=optuna.pruners.MedianPruner(TRIALS_BEFORE_PRUNING, n_warmup_steps=PRUNE_EVERY),
    )


def _stopped_when(is_over: Callable[[], bool]) -> Callable[[optuna.Study, optuna.trial.FrozenTrial], None]:
    def stop(study: optuna.Study, _: optuna.trial.FrozenTrial) -> None:
        if is_over():
            study.stop()

    return stop


def _shown_on(progress: Progress) -> Callable[[optuna.Study, optuna.trial.FrozenTrial], None]:
    def show(_: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        ended = trial.state is TrialState.COMPLETE
        result = f"loss {trial.value:.5f}" if ended else trial.state.name.lower()
        progress.step(f"tuning: trial {trial.number}, {result}")

    return show
