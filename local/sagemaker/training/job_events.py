"""Events of training jobs that SageMaker sends to EventBridge.

https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

from collections.abc import Callable

from local.sagemaker.training.job import TrainingJob
from local.sagemaker.training.job_description import describe
from local.sagemaker.updates.endpoint_events import Publish, milliseconds

_STATUS = "SageMaker Training Job State Change"


class TrainingEvents:
    """Sends the events of training jobs.

    Args:
        publish: Sends an event.
        arn: Returns the ARN of a job's name.
    """

    def __init__(self, publish: Publish, *, arn: Callable[[str], str]) -> None:
        self._publish = publish
        self._arn = arn

    def status_changed(self, job: TrainingJob) -> None:
        """Reports the start of a secondary status."""
        arn = self._arn(job.name)
        tags = {tag["Key"]: tag["Value"] for tag in job.request.get("Tags", ())}
        self._publish(_STATUS, arn, {**describe(job, arn=arn, time=milliseconds), "Tags": tags})
