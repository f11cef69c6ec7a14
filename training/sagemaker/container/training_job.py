"""Training job in its container: from SageMaker's input folders to the bundle in its output folders."""

import dataclasses
from typing import TYPE_CHECKING

import msgspec

from training.model_catalog import importing_libraries, load_model
from training.progress import Progress
from training.sagemaker import metrics
from training.sagemaker.container.job_folder import JobFolder
from training.sagemaker.container.judge_job import run_judge
from training.sagemaker.container.stop_signal import StopSignal
from training.sagemaker.errors import ContractError
from training.sagemaker.hyperparameters import JUDGE_TASK, WEATHER_OPTION, read_options, task_of
from training.sagemaker_options import TUNING_ON_ONE_INSTANCE

if TYPE_CHECKING:
    from training.training_run import Job


def run(folder: JobFolder, stop_signal: StopSignal, progress: Progress) -> None:
    """Trains as the folder's configuration says, and saves bundle and report in the folder; or judges.

    All hosts end with the same model, so that only the first one saves it.

    Raises:
        TrainingError: When the job is invalid, or was stopped before there was a model.
        BundleError: When the bundle cannot be written.
        OSError: When the folder cannot be written to.
    """
    hosts = folder.hosts()
    if task_of(folder.hyperparameters()) == JUDGE_TASK:
        if hosts.rank == 0:
            run_judge(folder, progress)
        return
    job = _job(folder, stop_signal, progress)
    if hosts.rank == 0:
        _train(job, folder, stop_signal, progress)
    else:
        _fit_only(job, progress)


def _job(folder: JobFolder, stop_signal: StopSignal, progress: Progress) -> "Job":
    options = read_options(
        folder.hyperparameters(),
        data=folder.data((WEATHER_OPTION,)),
        weather=folder.files(WEATHER_OPTION),
    )
    options.out = folder.results
    progress.step(f"loading the model {options.model}")
    with importing_libraries():
        model = load_model(options.model)
        from training.training_run import make_job

    job = make_job(options, model, progress)
    cluster = folder.hosts().cluster()
    if cluster and options.tune:
        raise ContractError(f"{TUNING_ON_ONE_INSTANCE[:1].upper()}{TUNING_ON_ONE_INSTANCE[1:]}.")
    plan = dataclasses.replace(job.plan, cluster=cluster, checkpoint=folder.checkpoints, stopping=stop_signal)
    # The default cache is in the program's folder, which has no space for data.
    data = dataclasses.replace(job.data, cache=folder.base / "cache")
    return dataclasses.replace(job, plan=plan, data=data)


def _train(job: "Job", folder: JobFolder, stop_signal: StopSignal, progress: Progress) -> None:
    """Trains, evaluates and saves the model."""
    from bundle import ARCHIVE
    from training.report.text_report import text_report
    from training.report.training_report import REPORT_FILE
    from training.training_run import run as run_job

    report = run_job(job, progress)
    # SIGTERM must not interrupt the saving of a finished model.
    stop_signal()
    folder.save(job.out / ARCHIVE)
    (job.out / REPORT_FILE).write_bytes(msgspec.json.encode(report))
    for line in metrics.log_lines(report.metrics):
        print(line, flush=True)
    print(text_report(msgspec.structs.replace(report, path=str(folder.model))), flush=True)


def _fit_only(job: "Job", progress: Progress) -> None:
    """Fits together with the first host, which needs this host's share of the rows."""
    from training.fitting.fit import fit
    from training.training_run import read_rows

    job, _, split = read_rows(job, progress)
    progress.step(f"fitting on {len(split.train):,} rows with the other hosts")
    fit(job.model, split.train, job.plan)
    progress.step("done: the first host writes the bundle")
