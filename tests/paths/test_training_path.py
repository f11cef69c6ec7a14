"""The path of a training row in ARCHITECTURE.md: the files whose functions run from file to fitted model."""

import io
from pathlib import Path

import pytest

from tests.paths.calls import called_files
from tests.paths.pages import listed_files, stated_counts
from tests.training.sagemaker.flights_file import write_flights
from training import training_run
from training.data.data_options import DataOptions
from training.errors import TrainingError
from training.fit_plan import Plan
from training.fitting.fit import fit
from training.model_catalog import load_model
from training.progress import Progress

MOST_FILES = 28


class FittedError(TrainingError):
    """The model is fitted; the rest of the job is not part of the path."""


def test_the_path_of_a_training_row_is_as_documented_and_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_flights(tmp_path / "flights.csv", days=60, a_day=60)

    def only_fit(*arguments: object) -> None:
        fit(*arguments)  # type: ignore[arg-type]  # the arguments of the job
        raise FittedError

    monkeypatch.setattr(training_run, "fit", only_fit)
    data = DataOptions(source=str(source))
    plan = Plan(parameters={"n_estimators": 3})
    model = load_model("flight_delay")
    job = training_run.Job(name="flight_delay", model=model, data=data, plan=plan, out=tmp_path / "bundle")

    with called_files("training", "bundle") as files, pytest.raises(FittedError):
        training_run.run(job, Progress(io.StringIO()))

    assert sorted(files) == sorted(listed_files("training-row")), set(files) ^ set(
        listed_files("training-row")
    )
    assert len(files) == stated_counts()[1] <= MOST_FILES
