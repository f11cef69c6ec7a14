"""Bundles of short trainings, and their judgement."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import structs

from bundle import ARCHIVE, Field, read_archive, write_archive
from training.data.data_options import DataOptions
from training.data.dataset import Dataset
from training.fit_plan import Plan
from training.judging.checks import bundle_checks
from training.judging.contender import CHALLENGER, CHAMPION, Contender
from training.judging.judge import Judgement, judge_rows
from training.judging.judge_settings import JudgeSettings
from training.model_catalog import load_model
from training.progress import SILENT
from training.training_run import Job, run, train

# Fewer trees than the model has: the verdicts are the same.
FEW_TREES = {"n_estimators": 30}


def train_model(folder: Path, name: str, *, holdout: int = 0, seed: int = 0) -> Path:
    """Trains a model on its sample; returns the path of the bundle."""
    data = DataOptions(holdout=holdout)
    run(
        Job(name=name, model=load_model(name), out=folder, data=data, plan=Plan(seed=seed), page=False),
        SILENT,
    )
    return folder / ARCHIVE


def train_flights(folder: Path, flights: Dataset) -> Path:
    """Trains the model of flights on some of them; returns the path of the bundle."""
    model = load_model("flight_delay")
    folder.mkdir(parents=True)
    job = Job(name="flight_delay", model=model, out=folder, plan=Plan(parameters=FEW_TREES))
    train(job, flights, model.split(flights, 0), SILENT)
    return folder / ARCHIVE


def with_manifest(path: Path, bundle: Path, **changes: object) -> Path:
    """Writes a copy of a bundle with another manifest."""
    found = read_archive(bundle)
    manifest = structs.replace(found.manifest, **changes)
    write_archive(path, manifest=manifest, model=found.model, quantiles=found.quantiles)
    return path


def with_another_field(path: Path, bundle: Path) -> Path:
    """Writes a copy of a bundle that takes one field more, which its graph does not use."""
    field = Field(name="gate", type="string", required=False, ignored=True, example="A1")
    return with_manifest(path, bundle, fields=(*read_archive(bundle).manifest.fields, field))


def judged(champion: Path, challenger: Path, data: Dataset, rule: JudgeSettings | None = None) -> Judgement:
    """Judges a challenger by flights that were read already."""
    rule = rule or JudgeSettings()
    contenders = (Contender.read(CHAMPION, champion), Contender.read(CHALLENGER, challenger))
    checks = [*bundle_checks(contenders, rule)]
    model = load_model("flight_delay")
    return judge_rows(contenders, model, data, rule, checks, SILENT, same_speed)


def same_speed(contenders: Sequence[Contender], _: object) -> list[float]:
    """Stands for a measurement of the processor time, which is another one each time."""
    return [5.0 for _ in contenders]
