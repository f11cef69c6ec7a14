"""Requests of the training and judging jobs, with paths into the state of the execution.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_HOUR_SECONDS = 3600
# Time to start the instance, and to pack the results.
_MARGIN_SECONDS = 3600
# Rows, their columns in memory, and the bundle.
_VOLUME_GB = 30
# Each attempt needs a name of its own, because a job's name is never free again.
_UNIQUE = "States.ArrayGetItem(States.StringSplit(States.UUID(), '-'), 0)"


@dataclass(frozen=True, kw_only=True)
class JobSettings:
    """Common settings of the jobs.

    Attributes:
        model: Name of the model.
        image: URI of the training image.
        role: ARN of the execution role.
        output: S3 URI of the folder of the results.
        instance_type: Instance type.
        spot: Whether they run on spot instances.
        hours: Hours after which a job is stopped.
        judge_days: Newest days that the training leaves out.
        weather: S3 URI of the folder of hourly weather; "" for none.
    """

    model: str
    image: str
    role: str
    output: str
    instance_type: str
    spot: bool
    hours: int
    judge_days: int
    weather: str = ""

    @property
    def timeout_seconds(self) -> int:
        """Seconds from the request to the results, at most."""
        return self._longest_wait + _MARGIN_SECONDS

    @property
    def _longest_wait(self) -> int:
        # A spot instance may be waited for as long again, also after an interruption.
        return self.hours * _HOUR_SECONDS * (2 if self.spot else 1)

    @property
    def _stopping(self) -> dict[str, int]:
        spot = {"MaxWaitTimeInSeconds": self._longest_wait} if self.spot else {}
        return {"MaxRuntimeInSeconds": self.hours * _HOUR_SECONDS, **spot}

    def request(
        self, kind: str, *, hyperparameters: Mapping[str, str], channels: Mapping[str, str]
    ) -> dict[str, Any]:
        """Returns the request of a job.

        Args:
            kind: Part of its name.
            hyperparameters: Its hyperparameters.
            channels: Path of the S3 URI of each channel, by its name.
        """
        checkpoints = f"States.Format('{self.output}/checkpoints/{{}}', $.run.job)"
        return {
            "TrainingJobName.$": f"States.Format('{{}}-{kind}-{{}}', $.run.job, {_UNIQUE})",
            "RoleArn": self.role,
            "AlgorithmSpecification": {"TrainingImage": self.image, "TrainingInputMode": "File"},
            "HyperParameters": dict(hyperparameters),
            "InputDataConfig": [
                *(_channel(name, {"S3Uri.$": path}) for name, path in channels.items()),
                *([_channel("weather", {"S3Uri": self.weather})] if self.weather else []),
            ],
            "OutputDataConfig": {"S3OutputPath": self.output},
            "ResourceConfig": {
                "InstanceType": self.instance_type,
                "InstanceCount": 1,
                "VolumeSizeInGB": _VOLUME_GB,
            },
            "StoppingCondition": self._stopping,
            "EnableManagedSpotTraining": self.spot,
            **({"CheckpointConfig": {"S3Uri.$": checkpoints}} if self.spot and kind == "train" else {}),
            # The image calls nobody, and gets its rows from SageMaker.
            "EnableNetworkIsolation": True,
        }


def training_job(jobs: JobSettings) -> dict[str, Any]:
    """Returns the request of the training job."""
    return jobs.request(
        "train",
        hyperparameters={"model": jobs.model, "holdout": str(jobs.judge_days)},
        channels={"training": "$.run.data.uri"},
    )


def judging_job(jobs: JobSettings) -> dict[str, Any]:
    """Returns the request of the judging job."""
    return jobs.request(
        "judge",
        hyperparameters={"task": "judge"},
        channels={
            "training": "$.run.data.uri",
            "champion": "$.run.champion_uri",
            "challenger": "$.trained.model",
        },
    )


def _channel(name: str, source: Mapping[str, str]) -> dict[str, Any]:
    return {
        "ChannelName": name,
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                **source,
                "S3DataDistributionType": "FullyReplicated",
            }
        },
    }
