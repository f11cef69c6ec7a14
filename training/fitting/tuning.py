"""Hyperparameters chosen by trying them, on the training rows alone."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState
from sklearn.metrics import log_loss, mean_squared_error

from training.data.dataset import Dataset
from training.errors import TrainingError
from training.fitting.fit import Fitted, fit_pipeline, learning_rows
from training.model import Model
from training.plan import Plan
from training.progress import Progress

LOOK_EVERY = 20
TRIALS_BEFORE_PRUNING = 5
JOURNAL = "tuning.journal"
OWN_LOSS = "loss of the model's own parameters"

Parameters = Mapping[str, float | int | str]


def tune(
    model: Model, train: Dataset, plan: Plan, *, minutes: float, folder: Path, progress: Progress
) -> Parameters:
    """The best hyperparameters that could be found in so many minutes; the model's own if none are better.

    The training rows are split as the model splits rows: each trial is fitted on one part and judged on the
    other, by its mean loss over the model's situations. Trials are kept in the folder, and gone on from.

    Args:
        model: It names the space to search.
        train: Rows to learn from; those to be tested on are never seen here.
        plan: How to fit; the parameters it names are not searched.
        minutes: How long to try.
        folder: Where the trials are kept.
        progress: Told of each trial.

    Raises:
        TrainingError: When the model has no space to search, or time was too short for its own parameters.
    """
    if model.space is None:
        raise TrainingError("This model has nothing to tune: leave --tune out.")
    deadline = time.monotonic() + minutes * 60
    trials = _Trials(model, train, plan, until=lambda: time.monotonic() >= deadline or plan.stopping())
    study = _study(folder / JOURNAL, train, plan)
    if OWN_LOSS not in study.user_attrs:
        study.set_user_attr(OWN_LOSS, trials.loss({}))
    own = study.user_attrs[OWN_LOSS]
    progress.step(f"tuning: loss {own:.5f} as the model is, {len(study.trials)} trials so far")
    study.optimize(trials.run, timeout=max(deadline - time.monotonic(), 0), callbacks=[_telling(progress)])
    finished = study.get_trials(states=[TrialState.COMPLETE])
    if not finished or study.best_value >= own:
        progress.step("tuning: nothing was better than the model as it is")
        return plan.parameters
    progress.step(f"tuning: loss {study.best_value:.5f} with {study.best_params}")
    return {**study.best_params, **plan.parameters}


class _Trials:
    """Fits on one part of the rows, judged on the other.

    Args:
        model: What is tuned.
        rows: The training rows.
        plan: How to fit.
        until: Once true, time is up.
    """

    def __init__(self, model: Model, rows: Dataset, plan: Plan, *, until: Callable[[], bool]) -> None:
        self._model, self._plan, self._until = model, plan, until
        self._split = model.split(rows, plan.seed)
        self._rows = learning_rows(model, self._split.train, plan)

    def run(self, trial: optuna.Trial) -> float:
        """The loss of the parameters that a trial suggests."""
        space = self._model.space
        return self.loss(space(trial) if space else {}, trial)

    def loss(self, parameters: Parameters, trial: optuna.Trial | None = None) -> float:
        """The loss of these parameters.

        Raises:
            TrialPruned: When it is no longer worth the while of the trial.
            TrainingError: When there was no time, and no trial.
        """

        def watch(rounds: int) -> None:
            if trial is None or rounds % LOOK_EVERY:
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
                raise TrainingError("The minutes to tune in are too few for one fit: give --tune more.")
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
    """The trials so far on these rows, or none."""
    optuna.logging.set_verbosity(logging.WARNING)
    journal.parent.mkdir(parents=True, exist_ok=True)
    fixed = f", with {dict(plan.parameters)}" if plan.parameters else ""
    return optuna.create_study(
        study_name=f"{rows.name}: {len(rows)} rows, {' to '.join(rows.period)}{fixed}",
        storage=JournalStorage(JournalFileBackend(str(journal))),
        load_if_exists=True,
        sampler=optuna.samplers.TPESampler(seed=plan.seed),
        pruner=optuna.pruners.MedianPruner(TRIALS_BEFORE_PRUNING, n_warmup_steps=LOOK_EVERY),
    )


def _telling(progress: Progress) -> Callable[[optuna.Study, optuna.trial.FrozenTrial], None]:
    def tell(_: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        ended = trial.state is TrialState.COMPLETE
        result = f"loss {trial.value:.5f}" if ended else f"given up, {trial.state.name.lower()}"
        progress.step(f"tuning: trial {trial.number}, {result}")

    return tell
