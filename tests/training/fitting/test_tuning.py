import io
import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.training.conftest import Command
from tests.training.features.made import FIELDS, PARAMETERS, After, made, pipeline
from training.data.request import only_sample
from training.data.split import Split, by_time
from training.errors import TrainingError
from training.fitting.tuning import JOURNAL, tune
from training.job import Job, tuned
from training.model import Model, Situation
from training.plan import Plan, overridden
from training.progress import Progress

HOURS = 60
# Each trial polls `stopping` about 32 times.


def space(trial: Any) -> dict[str, float]:
    return {"learning_rate": trial.suggest_float("learning_rate", 1e-4, 1.0, log=True)}


# Its own learning rate is a bad one, so that a better one can be found.
SLOW = {**PARAMETERS, "learning_rate": 1e-4}
MODEL = Model(
    task="binary",
    fields=FIELDS,
    labels=("no", "yes"),
    read=only_sample(made),
    split=by_time,
    pipeline=lambda _, plan: pipeline(plan, **overridden(SLOW, plan.parameters)),
    situations=(
        Situation(name="early", description="early on", absent=("later",)),
        Situation(name="late", description="later"),
    ),
    space=space,
)


class Poison:
    """Test rows that nothing may look at."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise AssertionError(f"the test rows were asked for {name}")


def poisoned_split() -> Split:
    poison: Any = Poison()
    return Split(train=by_time(made(), 0).train, test=poison, description="")


def test_better_parameters_are_found_without_a_look_at_the_test_rows(tmp_path: Path) -> None:
    said = io.StringIO()
    job = Job(name="made", model=MODEL, out=tmp_path, minutes=HOURS, plan=Plan(stopping=After(400)))

    parameters = tuned(job, poisoned_split(), Progress(said)).plan.parameters

    assert float(parameters["learning_rate"]) > 0.01
    lines = said.getvalue().splitlines()
    assert "with the model's own hyperparameters, 0 trials so far" in lines[0]
    assert "tuning: trial 0, " in lines[1]
    assert "learning_rate" in lines[-1]


def test_trials_go_on_from_those_before(tmp_path: Path) -> None:
    first, second = io.StringIO(), io.StringIO()

    for said in (first, second):
        tune(
            MODEL, made(), Plan(stopping=After(100)), minutes=HOURS, folder=tmp_path, progress=Progress(said)
        )

    trials = sum("tuning: trial" in line for line in first.getvalue().splitlines())
    assert f"with the model's own hyperparameters, {trials} trials so far" in second.getvalue()
    assert f"tuning: trial {trials}, " in second.getvalue()
    assert (tmp_path / JOURNAL).exists()


def test_other_rows_have_trials_of_their_own(tmp_path: Path) -> None:
    said = io.StringIO()
    tune(MODEL, made(), Plan(stopping=After(50)), minutes=HOURS, folder=tmp_path, progress=Progress())

    tune(
        MODEL, made(5_000), Plan(stopping=After(50)), minutes=HOURS, folder=tmp_path, progress=Progress(said)
    )

    assert "0 trials so far" in said.getvalue()


def test_what_the_plan_names_is_not_searched(tmp_path: Path) -> None:
    plan = Plan(parameters={"learning_rate": 0.2}, stopping=After(100))

    parameters = tune(MODEL, made(), plan, minutes=HOURS, folder=tmp_path, progress=Progress())

    assert parameters == {"learning_rate": 0.2}


def test_no_trial_begins_after_the_minutes_and_the_last_one_is_pruned(tmp_path: Path) -> None:
    # Given a clock that advances a second at each reading, which trials read after every round
    said, seconds = io.StringIO(), itertools.count()

    # When the search may take 100 seconds
    tune(
        MODEL,
        made(),
        Plan(),
        minutes=100 / 60,
        folder=tmp_path,
        progress=Progress(said),
        clock=lambda: float(next(seconds)),
    )

    # Then it reads the clock a few times more at most: to end the trial, and the search
    assert 100 <= next(seconds) <= 110
    assert said.getvalue().splitlines()[-2].endswith(", pruned")


@pytest.mark.parametrize(
    ("model", "minutes", "sentence"),
    [
        (replace(MODEL, space=None), 1, "nothing to tune: leave --tune out"),
        (MODEL, 1e-9, "One fit takes longer than the minutes of --tune: give more"),
    ],
)
def test_what_cannot_be_tuned_is_refused_in_a_sentence(
    model: Model, minutes: float, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match=sentence):
        tune(model, made(), Plan(), minutes=minutes, folder=tmp_path, progress=Progress())


def test_the_command_says_when_a_model_has_nothing_to_tune(command: Command, tmp_path: Path) -> None:
    result = command("iris", "--tune", "1", "--out", str(tmp_path))

    assert result.returncode == 1
    assert "This model has nothing to tune" in result.stderr


def test_the_command_refuses_minutes_that_are_none(command: Command) -> None:
    result = command("iris", "--tune=-1")

    assert result.returncode == 2
    assert "--tune -1 is not a number of minutes from 0" in result.stderr
