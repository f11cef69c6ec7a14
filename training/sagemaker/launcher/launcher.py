"""Training as a SageMaker job, from the options of the command to a report."""

import argparse
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from training.progress import Progress
from training.sagemaker import hyperparameters, metrics
from training.sagemaker.errors import JobError
from training.sagemaker.launcher.account import client, explained, refusal
from training.sagemaker.launcher.channel import channel_of
from training.sagemaker.launcher.follow import follow
from training.sagemaker.launcher.order import PROGRAM, PYTHON, Answer, Order

if TYPE_CHECKING:
    from training.model import Model
    from training.report.report import Report

_HOUR = 3600
_NO_ROLE = "RoleValidationError"


def launch(options: argparse.Namespace, model: "Model", progress: Progress) -> "Report | str":
    """Starts a job, or finds one that was started before, and brings what it makes.

    Returns:
        The report on the bundle, or the job's name when it is not to be waited for.

    Raises:
        TrainingError: The job could not be started, or did not end well.
        BundleError: What it left is no bundle.
        OSError: The bundle cannot be written.
        KeyboardInterrupt: With the sentence of what becomes of the job.
    """
    job = options.job or start(_order(options, model, progress), progress)
    if not options.wait:
        return job
    try:
        described = follow(job, progress, _say)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_interrupted(job, options)) from None
    from training.sagemaker.launcher.collect import collect

    out = options.out or Path("build") / options.model
    return collect(described, name=options.model, bucket=options.bucket, out=out, progress=progress)


def start(order: Order, progress: Progress) -> str:
    """Starts a job with the SageMaker Python SDK, in that one's own virtual environment.

    Returns:
        The job's name.

    Raises:
        JobError: It could not be started.
    """
    if not PYTHON.exists():
        raise JobError("The SageMaker Python SDK is not installed: run `make .venv-sagemaker/.installed`.")
    progress.step("starting a training job with the SageMaker Python SDK")
    # Isolated: this folder has the SDK's own name, and must not be found instead of it.
    done = subprocess.run(
        [PYTHON, "-I", PROGRAM], input=msgspec.json.encode(order), stdout=subprocess.PIPE, check=False
    )
    try:
        answer = msgspec.json.decode(done.stdout, type=Answer)
    except msgspec.DecodeError as error:
        raise JobError(f"The SageMaker Python SDK broke off with exit code {done.returncode}.") from error
    if answer.code == _NO_ROLE:
        raise JobError(
            "Your credentials are not those of a role that a job could run as: name one with --role, which "
            "sagemaker.amazonaws.com may assume."
        )
    if not answer.job:
        raise refusal("The training job was not started", answer.code, answer.message)
    return answer.job


def _order(options: argparse.Namespace, model: "Model", progress: Progress) -> Order:
    prefix = f"{options.model}/jobs/{uuid.uuid4().hex[:12]}"
    channel = channel_of(options.data, bucket=options.bucket, prefix=f"{prefix}/input", progress=progress)
    told = {name: getattr(options, name, None) for name in hyperparameters.OPTIONS}
    if channel:
        del told[hyperparameters.DATA]
    return Order(
        name=options.model.replace("_", "-"),
        bucket=options.bucket,
        prefix=prefix,
        image=options.image,
        role=options.role,
        hyperparameters={hyperparameters.MODEL: options.model}
        | {name: str(value) for name, value in told.items() if value},
        channel=channel,
        instance_type=options.instance_type,
        instance_count=options.instance_count,
        spot=options.spot,
        max_seconds=round(options.max_hours * _HOUR),
        metrics=metrics.definitions(model),
    )


def _interrupted(job: str, options: argparse.Namespace) -> str:
    if options.stop_on_interrupt:
        with explained(f"The training job {job} cannot be stopped"):
            client("sagemaker").stop_training_job(TrainingJobName=job)
        return f"Interrupted: the training job {job} is being stopped."
    again = f"python -m training {options.model} --on sagemaker --bucket {options.bucket} --job {job}"
    return (
        f"Interrupted: the training job {job} goes on. `{again}` follows it again; "
        f"`aws sagemaker stop-training-job --training-job-name {job}` stops it."
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
