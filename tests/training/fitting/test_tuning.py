import io
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.training.conftest import Command
from tests.training.features.generated_rows import FIELDS, PARAMETERS, StopAfter, generated_rows, pipeline
from training.data.data_options import only_sample
from training.data.split import Split, by_time
from training.errors import TrainingError
from training.fit_plan import Plan, overridden
from training.fitting import tuning
from training.fitting.tuning import JOURNAL, is_better, tune
from training.model import Model, Situation
from training.progress import Progress
from training.training_run import Job, tuned

MINUTES = 60
# Each trial polls `stopping` about 32 times.


def space(trial: Any) -> dict[str, float]:
    return {"learning_rate": trial.suggest_float("learning_rate", 1e-4, 1.0, log=True)}


# A low learning rate, so that the search can find a better one.
SLOW = {**PARAMETERS, "learning_rate": 1e-4}
MODEL = Model(
    task="binary",
    fields=FIELDS,
    labels=("no", "yes"),
    read=only_sample(generated_rows),
    split=by_time,
    pipeline=lambda _, plan: pipeline(plan, **overridden(SLOW, plan.parameters)),
    situations=(
        Situation(name="early", description="early on", absent=("later",)),
        Situation(name="late", description="later"),
    ),
    space=space,
)


class ForbiddenRows:
    """Test rows that fail at every access."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise AssertionError(f"tuning read {name} of the test rows")


def split_with_forbidden_test_rows() -> Split:
    forbidden: Any = ForbiddenRows()
    return Split(train=by_time(generated_rows(), 0).train, test=forbidden, description="")


def search(
    folder: Path,
    log: io.StringIO,
    plan: Plan,
    *,
    rows: int = 6_000,
    minutes: float = MINUTES,
    seconds: Iterator[int] | None = None,
) -> Mapping[str, float | int | str]:
    """Tunes the model on generated rows; with `seconds`, its clock advances by one at each reading."""
    clock = {} if seconds is None else {"clock": lambda: float(next(seconds))}
    return tune(
        MODEL,
        generated_rows(rows),
        plan,
        minutes=minutes,
        folder=folder,
        progress=Progress(log),
        **clock,
    )


def test_better_parameters_are_found_without_reading_the_test_rows(tmp_path: Path) -> None:
    log = io.StringIO()
    job = Job(name="made", model=MODEL, out=tmp_path, minutes=MINUTES, plan=Plan(stopping=StopAfter(400)))

    parameters = tuned(job, split_with_forbidden_test_rows(), Progress(log)).plan.parameters

    assert float(parameters["learning_rate"]) > 0.01
    lines = log.getvalue().splitlines()
    assert "with the model's own hyperparameters, 0 trials so far" in lines[0]
    assert "tuning: trial 0, " in lines[1]
    assert "learning_rate" in lines[-1]


def test_a_search_continues_the_earlier_trials(tmp_path: Path) -> None:
    first, second = io.StringIO(), io.StringIO()

    for log in (first, second):
        search(tmp_path, log, Plan(stopping=StopAfter(100)))

    trials = sum("tuning: trial" in line for line in first.getvalue().splitlines())
    assert f"with the model's own hyperparameters, {trials} trials so far" in second.getvalue()
    assert f"tuning: trial {trials}, " in second.getvalue()
    assert (tmp_path / JOURNAL).exists()


def test_other_rows_start_a_new_search(tmp_path: Path) -> None:
    log = io.StringIO()
    search(tmp_path, io.StringIO(), Plan(stopping=StopAfter(50)))

    search(tmp_path, log, Plan(stopping=StopAfter(50)), rows=5_000)

    assert "0 trials so far" in log.getvalue()


def test_of_many_rows_a_part_is_tuned_on_and_the_best_trial_is_compared_on_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given more rows than trials use
    log = io.StringIO()
    monkeypatch.setattr(tuning, "MOST_TUNED_ON", 2_000)

    # When hyperparameters are searched for 300 seconds
    parameters = search(tmp_path, log, Plan(), minutes=300 / 60, seconds=itertools.count())

    # Then the trials have a part of the rows, and the best of them is better on all
    lines = log.getvalue().splitlines()
    assert "tuning on 2,000 of 6,000 rows: loss" in lines[0]
    assert "on all 6,000 rows" in lines[-1]
    assert lines[-1].endswith(": kept")
    assert float(parameters["learning_rate"]) > 0.01


def test_hyperparameters_that_are_worse_on_all_rows_are_not_kept() -> None:
    log = io.StringIO()

    assert not is_better({"learning_rate": 1e-6}, MODEL, generated_rows(), Plan(), Progress(log))
    assert log.getvalue().strip().endswith(": not kept")


def test_a_comparison_that_is_stopped_keeps_the_models_own_hyperparameters() -> None:
    stopped = Plan(stopping=lambda: True)

    assert not is_better({"learning_rate": 0.2}, MODEL, generated_rows(), stopped, Progress())


def test_a_hyperparameter_of_the_plan_is_not_searched(tmp_path: Path) -> None:
    plan = Plan(parameters={"learning_rate": 0.2}, stopping=StopAfter(100))

    parameters = tune(MODEL, generated_rows(), plan, minutes=MINUTES, folder=tmp_path, progress=Progress())

    assert parameters == {"learning_rate": 0.2}


def test_no_trial_begins_after_the_minutes_and_the_last_one_is_pruned(tmp_path: Path) -> None:
    # Given a clock that trials read after every round
    log, seconds = io.StringIO(), itertools.count()

    # When the search may take 100 seconds
    search(tmp_path, log, Plan(), minutes=100 / 60, seconds=seconds)

    # Then it reads the clock at most ten more times, to end the trial and the search
    assert 100 <= next(seconds) <= 110
    assert log.getvalue().splitlines()[-2].endswith(", pruned")


@pytest.mark.parametrize(
    ("model", "minutes", "sentence"),
    [
        (replace(MODEL, space=None), 1, "nothing to tune: leave --tune out"),
        (MODEL, 1e-9, "One fit takes longer than the minutes of --tune: give more"),
    ],
)
def test_a_search_that_cannot_run_is_refused_in_one_sentence(
    model: Model, minutes: float, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match=sentence):
        tune(model, generated_rows(), Plan(), minutes=minutes, folder=tmp_path, progress=Progress())


def test_the_command_refuses_to_tune_a_model_without_a_search_space(command: Command, tmp_path: Path) -> None:
    result = command("iris", "--tune", "1", "--out", str(tmp_path))

    assert result.returncode == 1
    assert "This model has nothing to tune" in result.stderr


def test_the_command_refuses_negative_minutes(command: Command) -> None:
    result = command("iris", "--tune=-1")

    assert result.returncode == 2
    assert "--tune -1 is not a number of minutes from 0" in result.stderr
