"""Starts a training job with the SageMaker Python SDK; runs in that SDK's own virtual environment.

Reads an order as JSON on standard input and answers on standard output, with the job's name or with what was
wrong. It imports nothing of ours: what is installed here is the SDK alone.
"""

import json
import logging
import os
import sys
from contextlib import redirect_stdout
from typing import Any

# The SDK would send who trains what to its makers; and nobody's defaults may change what was ordered.
_CONFIG = {"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}}}
_CHANNEL = "training"
_GIGABYTES = 30
_SPOT_PATIENCE = 2


def main() -> None:
    """Answers one order."""
    # It would refuse a role that may not make network interfaces, which this job has no use for.
    os.environ["SAGEMAKER_VALIDATE_ROLE"] = "false"
    order = json.load(sys.stdin)
    answer = sys.stdout
    # The SDK talks on standard output.
    with redirect_stdout(sys.stderr):
        logging.disable(logging.CRITICAL)
        result = _answer(order)
    json.dump(result, answer)


def _answer(order: dict[str, Any]) -> dict[str, str]:
    try:
        return {"job": _start(order)}
    except Exception as error:  # whatever the SDK raises becomes one sentence in the parent process
        told = getattr(error, "response", {}).get("Error", {})
        code = told.get("Code", type(error).__name__)
        return {"code": code, "message": told.get("Message") or str(error)}


def _start(order: dict[str, Any]) -> str:
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

    where = f"s3://{order['bucket']}/{order['prefix']}"
    seconds = order["max_seconds"]
    trainer = ModelTrainer(
        sagemaker_session=Session(default_bucket=order["bucket"], sagemaker_config=_CONFIG),
        role=order["role"],
        base_job_name=order["name"],
        training_image=order["image"],
        compute=Compute(
            instance_type=order["instance_type"],
            instance_count=order["instance_count"],
            volume_size_in_gb=_GIGABYTES,
            enable_managed_spot_training=order["spot"],
        ),
        stopping_condition=StoppingCondition(
            max_runtime_in_seconds=seconds,
            max_wait_time_in_seconds=_SPOT_PATIENCE * seconds if order["spot"] else None,
        ),
        output_data_config=OutputDataConfig(s3_output_path=where),
        checkpoint_config=CheckpointConfig(s3_uri=f"{where}/checkpoints"),
        hyperparameters=order["hyperparameters"],
    ).with_metric_definitions(
        [MetricDefinition(name=metric["name"], regex=metric["regex"]) for metric in order["metrics"]]
    )
    channels = [InputData(channel_name=_CHANNEL, data_source=order["channel"])] if order["channel"] else []
    trainer.train(input_data_config=channels, wait=False, logs=False)
    return str(trainer._latest_training_job.training_job_name)


if __name__ == "__main__":
    main()
