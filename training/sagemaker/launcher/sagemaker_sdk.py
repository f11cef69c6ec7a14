"""Program that starts a training job with the SageMaker Python SDK, in the SDK's own virtual environment.

Reads a TrainingJobRequest as JSON from standard input and writes a TrainingJobResponse to standard output. It
imports nothing of this project, because the SDK's environment has none of the project's dependencies.
"""

import gc
import json
import logging
import os
import sys
from contextlib import redirect_stdout
from typing import Any

# Without this configuration the SDK sends telemetry and merges default configuration files of the machine.
_CONFIG = {"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}}}
_VOLUME_GIGABYTES = 30
# Waiting for a spot instance included, a job may take this many times its longest run time.
_SPOT_WAIT_FACTOR = 2


def main() -> None:
    """Handles one request."""
    # A fifth of the processor time: all that the SDK creates when it is imported stays.
    gc.disable()
    # The SDK's validation would refuse a role without permissions for network interfaces.
    os.environ["SAGEMAKER_VALIDATE_ROLE"] = "false"
    # The CDK CLI prefers AWS_REGION, and the SDK's boto3 does not read it.
    if region := os.environ.get("AWS_REGION"):
        os.environ["AWS_DEFAULT_REGION"] = region
    request = json.load(sys.stdin)
    output = sys.stdout
    # The SDK prints to standard output.
    with redirect_stdout(sys.stderr):
        logging.disable(logging.CRITICAL)
        response = _respond(request)
    json.dump(response, output)


def _respond(request: dict[str, Any]) -> dict[str, str]:
    try:
        return {"job": _start(request)}
    except Exception as error:  # the parent process turns every error of the SDK into a JobError
        details = getattr(error, "response", {}).get("Error", {})
        code = details.get("Code", type(error).__name__)
        return {"code": code, "message": details.get("Message") or str(error)}


def _start(request: dict[str, Any]) -> str:
    from sagemaker.core.helper.session_helper import Session
    from sagemaker.core.shapes import MetricDefinition
    from sagemaker.core.training.configs import (
        CheckpointConfig,
        Compute,
        InputData,
        OutputDataConfig,
        StoppingCondition,
    )
    from sagemaker.train import ModelTrainer

    uri = f"s3://{request['bucket']}/{request['prefix']}"
    seconds = request["max_seconds"]
    trainer = ModelTrainer(
        sagemaker_session=Session(default_bucket=request["bucket"], sagemaker_config=_CONFIG),
        role=request["role"],
        base_job_name=request["name"],
        training_image=request["image"],
        compute=Compute(
            instance_type=request["instance_type"],
            instance_count=request["instance_count"],
            volume_size_in_gb=_VOLUME_GIGABYTES,
            enable_managed_spot_training=request["spot"],
        ),
        stopping_condition=StoppingCondition(
            max_runtime_in_seconds=seconds,
            max_wait_time_in_seconds=_SPOT_WAIT_FACTOR * seconds if request["spot"] else None,
        ),
        output_data_config=OutputDataConfig(s3_output_path=uri),
        checkpoint_config=CheckpointConfig(s3_uri=f"{uri}/checkpoints"),
        hyperparameters=request["hyperparameters"],
    ).with_metric_definitions(
        [MetricDefinition(name=metric["name"], regex=metric["regex"]) for metric in request["metrics"]]
    )
    channels = [
        InputData(channel_name=name, data_source=source) for name, source in request["channels"].items()
    ]
    trainer.train(input_data_config=channels, wait=False, logs=False)
    return str(trainer._latest_training_job.training_job_name)


if __name__ == "__main__":
    main()
