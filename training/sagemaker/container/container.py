"""One training job, from what SageMaker laid out to what it takes away."""

import dataclasses
from typing import TYPE_CHECKING

import msgspec

from training.catalog import load_model
from training.progress import Progress
from training.sagemaker import metrics
from training.sagemaker.container.job_folder import JobFolder
from training.sagemaker.container.stopping import Stopping
from training.sagemaker.errors import ContractError
from training.sagemaker.hyperparameters import read_options

if TYPE_CHECKING:
    from training.job import Job

REPORT = "report.json"


def run(folder: JobFolder, stopping: Stopping, progress: Progress) -> None:
    """Trains as the folder says and leaves the bundle and its report there.

    Of several hosts only the first leaves anything: all of them end with the same model.

    Raises:
        TrainingError: The job cannot be done, or was stopped before there was a model.
        BundleError: The bundle cannot be written.
        OSError: The folder cannot be.
    """
    hosts = folder.hosts()
    job = _job(folder, stopping, progress)
    if hosts.rank == 0:
        _lead(job, folder, stopping, progress)
    else:
        _help(job, progress)


def _job(folder: JobFolder, stopping: Stopping, progress: Progress) -> "Job":
    options = read_options(folder.hyperparameters(), data=folder.data())
    options.out = folder.results
    progress.step(f"loading the model {options.model}")
    model = load_model(options.model)
    from training.job import make_job

    job = make_job(options, model, progress)
    cluster = folder.hosts().cluster()
    if cluster and options.tune:
        raise ContractError("Tuning is the work of one instance: give --tune or --instance-count, not both.")
    plan = dataclasses.replace(job.plan, cluster=cluster, checkpoint=folder.checkpoints, stopping=stopping)
    # Where the program itself lies there is no room to write.
    data = dataclasses.replace(job.data, cache=folder.base / "cache")
    return dataclasses.replace(job, plan=plan, data=data)


def _lead(job: "Job", folder: JobFolder, stopping: Stopping, progress: Progress) -> None:
    """Trains, evaluates, and saves what came of it."""
    from training.job import ARCHIVE
    from training.job import run as run_job
    from training.report.text import text

    report = run_job(job, progress)
    # From here on a signal must not interrupt: what there is to save is being saved.
    stopping()
    folder.save(job.out / ARCHIVE)
    (job.out / REPORT).write_bytes(msgspec.json.encode(report))
    for line in metrics.lines(report.metrics):
        print(line, flush=True)
    print(text(msgspec.structs.replace(report, path=str(folder.model)), job.model), flush=True)


def _help(job: "Job", progress: Progress) -> None:
    """Grows the same trees as the first host, which needs this one's share of the rows."""
    from training.fitting.fit import fit

    data = job.model.read(job.data)
    split = job.model.split(data, job.plan.seed)
    progress.step(f"fitting on {len(split.train):,} rows with the other hosts")
    fit(job.model, split.train, job.plan)
    progress.step("done: the first host writes the bundle")
