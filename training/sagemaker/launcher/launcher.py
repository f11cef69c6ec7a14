"""Launcher: trains as a SageMaker job, from the options of the command to the training report."""

import argparse
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from training.progress import Progress
from training.sagemaker.hyperparameters import (
    DATA_OPTION,
    MODEL_PARAMETER,
    OPTIONS,
    TRAINING_CHANNEL,
    WEATHER_OPTION,
)
from training.sagemaker.launcher.aws_client import aws_client, aws_errors
from training.sagemaker.launcher.input_channel import upload_channel
from training.sagemaker.launcher.job_log import follow_job
from training.sagemaker.launcher.job_request import TrainingJobRequest, start_job
from training.sagemaker.metrics import metric_definitions

if TYPE_CHECKING:
    from training.model import Model
    from training.report.training_report import TrainingReport

_HOUR = 3600


def launch(options: argparse.Namespace, model: "Model", progress: Progress) -> "TrainingReport | str":
    """Starts a job, or follows the one of `--job`, and downloads its bundle.

    Returns:
        The report on the bundle; the job's name with `--no-wait`.

    Raises:
        TrainingError: When the job was not started, or did not succeed.
        BundleError: When the job's artifacts are not a bundle.
        OSError: When the bundle cannot be written.
        KeyboardInterrupt: With a message on the state of the job.
    """
    job = options.job or start_job(_request(options, model, progress), progress)
    if not options.wait:
        return job
    try:
        description = follow_job(job, progress, _print_line)
    except KeyboardInterrupt as end:
        raise type(end)(_interrupt_message(job, options)) from None
    from training.sagemaker.launcher.model_artifacts import download_artifacts

    out = options.out or Path("build") / options.model
    return download_artifacts(
        description, name=options.model, bucket=options.bucket, out=out, progress=progress
    )


def _request(options: argparse.Namespace, model: "Model", progress: Progress) -> TrainingJobRequest:
    prefix = f"{options.model}/jobs/{uuid.uuid4().hex[:12]}"
    channel = upload_channel(options.data, bucket=options.bucket, prefix=f"{prefix}/input", progress=progress)
    weather = upload_channel(
        options.weather or None, bucket=options.bucket, prefix=f"{prefix}/weather", progress=progress
    )
    channels = {TRAINING_CHANNEL: channel, WEATHER_OPTION: weather}
    values = {name: getattr(options, name, None) for name in OPTIONS}
    values |= {DATA_OPTION: None} if channel else {}
    values |= {WEATHER_OPTION: None} if weather else {}
    return TrainingJobRequest(
        name=options.model.replace("_", "-"),
        bucket=options.bucket,
        prefix=prefix,
        image=options.image,
        role=options.role,
        hyperparameters={MODEL_PARAMETER: options.model}
        | {name: str(value) for name, value in values.items() if value},
        channels={name: uri for name, uri in channels.items() if uri},
        instance_type=options.instance_type,
        instance_count=options.instance_count,
        spot=options.spot,
        max_seconds=round(options.max_hours * _HOUR),
        metrics=metric_definitions(model),
    )


def _interrupt_message(job: str, options: argparse.Namespace) -> str:
    if options.stop_on_interrupt:
        with aws_errors(f"The training job {job} was not stopped"):
            aws_client("sagemaker").stop_training_job(TrainingJobName=job)
        return f"Interrupted: the training job {job} is being stopped."
    command = f"python -m training {options.model} --on sagemaker --bucket {options.bucket} --job {job}"
    return (
        f"Interrupted: the training job {job} continues. `{command}` follows it again; "
        f"`aws sagemaker stop-training-job --training-job-name {job}` stops it."
    )


def _print_line(text: str) -> None:
    # One write, so that an interrupt does not come between a line and its end.
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
