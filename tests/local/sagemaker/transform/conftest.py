"""Transform jobs on this machine through boto3, with the stub serving process."""

import json
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from local.local_aws import LocalAws
from tests.local.iam.roles import MODEL_ROLE
from tests.local.polling import until

GROUP = "/aws/sagemaker/TransformJobs"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/any:tag"


class Jobs(NamedTuple):
    """Transform jobs over one bucket: input under in/, output under out/."""

    aws: LocalAws
    bucket: str
    model: str

    def put(self, key: str, body: bytes) -> None:
        """Uploads an object."""
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body)

    def output(self, key: str) -> bytes:
        """Returns an object."""
        found: bytes = self.aws.client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return found

    def answers(self, key: str) -> list[dict[str, Any]]:
        """Returns the responses of the stub in an output, one a line."""
        return [json.loads(line) for line in self.output(key).splitlines()]

    def keys(self, prefix: str) -> list[str]:
        """Returns the keys under a prefix."""
        listed = self.aws.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [found["Key"] for found in listed.get("Contents", ())]

    def request(
        self,
        *,
        prefix: str = "in/",
        source: dict[str, Any] | None = None,
        output: dict[str, Any] | None = None,
        **others: Any,
    ) -> dict[str, Any]:
        """Returns a request; `source` adds to TransformInput and `output` to TransformOutput."""
        data = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{self.bucket}/{prefix}"}
        return {
            "TransformJobName": f"job-{uuid.uuid4().hex[:8]}",
            "ModelName": self.model,
            "TransformInput": {
                "DataSource": {"S3DataSource": data},
                "ContentType": "text/csv",
                "SplitType": "Line",
                **(source or {}),
            },
            "TransformOutput": {
                "S3OutputPath": f"s3://{self.bucket}/out/",
                "AssembleWith": "Line",
                **(output or {}),
            },
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
            **others,
        }

    def start(self, **request: Any) -> str:
        """Starts a job; returns its name."""
        wanted = self.request(**request)
        name: str = wanted["TransformJobName"]
        created = self.aws.client("sagemaker").create_transform_job(**wanted)
        assert created["TransformJobArn"].endswith(f":transform-job/{name}")
        return name

    def describe(self, job: str) -> dict[str, Any]:
        """Returns the description of a job."""
        found: dict[str, Any] = self.aws.client("sagemaker").describe_transform_job(TransformJobName=job)
        return found

    def run(self, **request: Any) -> dict[str, Any]:
        """Starts a job and waits for its end; returns its description."""
        return self.wait(self.start(**request))

    def wait(self, job: str) -> dict[str, Any]:
        """Waits for the end of a job; returns its description."""
        until(lambda: self.describe(job)["TransformJobStatus"] in ("Completed", "Failed", "Stopped"))
        return self.describe(job)

    def log(self, job: str, *, data: bool) -> list[str]:
        """Returns the lines of the data log of a job, or of its container."""
        logs = self.aws.client("logs")
        streams = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{job}/")["logStreams"]
        return [
            event["message"]
            for stream in streams
            if stream["logStreamName"].endswith("/data-log") == data
            for event in logs.get_log_events(logGroupName=GROUP, logStreamName=stream["logStreamName"])[
                "events"
            ]
        ]


@pytest.fixture
def jobs(aws: LocalAws, bucket: str, upload: Callable[..., str]) -> Jobs:
    """Transform jobs of a model with the name of the bucket."""
    create_model(aws, bucket, upload("model.tar.gz", version="one"))
    return Jobs(aws, bucket, bucket)


def create_model(aws: LocalAws, name: str, url: str, *, role: str = MODEL_ROLE, **container: Any) -> None:
    """Creates a model; `container` adds to its definition."""
    aws.client("sagemaker").create_model(
        ModelName=name,
        ExecutionRoleArn=role,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": url, **container},
    )
