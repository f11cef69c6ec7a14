"""Events of transform jobs that SageMaker sends to EventBridge.

https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

from collections.abc import Callable

from local.sagemaker.transform.job import TransformJob
from local.sagemaker.updates.endpoint_events import Publish, milliseconds

_STATUS = "SageMaker Transform Job State Change"


class TransformEvents:
    """Sends the events of transform jobs.

    Args:
        publish: Sends an event.
        arn: Returns the ARN of a job's name.
    """

    def __init__(self, publish: Publish, *, arn: Callable[[str], str]) -> None:
        self._publish = publish
        self._arn = arn

    def status_changed(self, job: TransformJob) -> None:
        """Reports a change of TransformJobStatus."""
        arn = self._arn(job.name)
        detail = {
            **{name: value for name, value in job.request.items() if name != "Tags"},
            "TransformJobArn": arn,
            "TransformJobStatus": job.status,
            **({"FailureReason": job.failure} if job.failure else {}),
            "CreationTime": milliseconds(job.created),
            **({"TransformStartTime": milliseconds(job.started)} if job.started else {}),
            **({"TransformEndTime": milliseconds(job.ended)} if job.ended else {}),
            "Tags": {tag["Key"]: tag["Value"] for tag in job.request.get("Tags", ())},
        }
        self._publish(_STATUS, arn, detail)
