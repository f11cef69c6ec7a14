"""From the name of a model to its bundle, and what came of it."""

from dataclasses import dataclass, field
from pathlib import Path

from training.bundling import Verified, write_bundle
from training.dataset import Dataset
from training.fit import fit
from training.model import Model
from training.plan import Plan
from training.progress import Progress
from training.report import Report
from training.request import DataRequest
from training.split import Split

ARCHIVE = "model.tar.gz"


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is to be trained, on which data, how, and the folder its bundle goes to."""

    name: str
    model: Model
    out: Path
    data: DataRequest = field(default_factory=DataRequest)
    plan: Plan = field(default_factory=Plan)


def run(job: Job, progress: Progress) -> Report:
    """Trains the model and writes its verified bundle.

    Raises:
        TrainingError: When the data cannot be used, or the bundle does not answer as the pipeline does.
        OSError: When the folder cannot be written to.
    """
    job.out.mkdir(parents=True, exist_ok=True)
    progress.step(f"reading the data: {job.data.source}")
    data = job.model.read(job.data)
    progress.step(f"{len(data):,} rows, {sum(data.dropped.values()):,} dropped")
    split = job.model.split(data, job.plan.seed)
    verified = train(job, data, split, progress)
    progress.step("done")
    return Report.of(verified, path=job.out / ARCHIVE, data=data, split=split, seconds=progress.seconds)


def train(job: Job, data: Dataset, split: Split, progress: Progress) -> Verified:
    """Fits on the training rows, and writes the bundle tested on the test rows."""
    progress.step(f"fitting on {len(split.train):,} rows")
    fitted = fit(job.model, split.train, job.plan)
    progress.step(f"writing the bundle, and testing it on {len(split.test):,} rows")
    return write_bundle(job.out / ARCHIVE, name=job.name, data=data, split=split, fitted=fitted)
