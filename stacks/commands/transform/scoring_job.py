"""Scoring job: a SageMaker batch transform job over the model of a stack, from its request to its results."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bundle.texts.counted_noun import counted
from stacks.commands.aws_account import AwsAccount, UnreadableAccountError
from stacks.commands.current_stack import CurrentStack, require_stack
from stacks.commands.transform.s3_folder import S3Folder
from stacks.commands.transform.scoring_input import ScoringInput

_MODEL = "AWS::SageMaker::Model"
_LOG_GROUP = "/aws/sagemaker/TransformJobs"
_ENDED = ("Completed", "Failed", "Stopped")
_PAUSE_SECONDS = 5.0
_LOGGED_LINES = 5
# Prefix of the lines that SageMaker itself writes about an object, beside the output of the container.
_SAGEMAKERS = "[sagemaker logs]: "


@dataclass(frozen=True, kw_only=True)
class JobRequest:
    """Request for a job.

    Attributes:
        name: Name of the job.
        model: Name of SageMaker's model.
        source: The input.
        output: S3 URI of the folder of the results.
        instance_type: Instance type.
        instances: Number of instances.
        options: Options of the predictions, as a query; "" for the container's default.
        joins: Whether each result has its row before it.
    """

    name: str
    model: str
    source: ScoringInput
    output: str
    instance_type: str
    instances: int
    options: str = ""
    joins: bool = False

    def parameters(self) -> Mapping[str, Any]:
        """Returns the parameters of CreateTransformJob."""
        media_type, compression = self.source.format
        environment = {"SERVING_TRANSFORM_OPTIONS": f"on_error=skip&{self.options}"} if self.options else {}
        data = {"S3DataType": "S3Prefix", "S3Uri": self.source.url}
        return {
            "TransformJobName": self.name,
            "ModelName": self.model,
            "TransformInput": {
                "DataSource": {"S3DataSource": data},
                "ContentType": media_type,
                "CompressionType": compression,
                "SplitType": "Line",
            },
            "TransformOutput": {"S3OutputPath": self.output, "Accept": media_type, "AssembleWith": "Line"},
            "TransformResources": {"InstanceType": self.instance_type, "InstanceCount": self.instances},
            # To join, SageMaker parses every row itself, and a malformed one fails its whole file.
            "DataProcessing": {"JoinSource": "Input" if self.joins else "None"},
            "Environment": environment,
        }


def model_name(account: AwsAccount, stack: str) -> str:
    """Returns the name of SageMaker's model of a stack.

    Raises:
        UnreadableAccountError: The stack has none, or CloudFormation refuses.
    """
    more: dict[str, str] = {}
    while True:
        page = account.read(
            "cloudformation",
            "list_stack_resources",
            action="cloudformation:ListStackResources",
            StackName=stack,
            **more,
        )
        for found in page["StackResourceSummaries"]:
            if found["ResourceType"] == _MODEL:
                # Its physical id is the ARN.
                return str(found["PhysicalResourceId"]).rpartition("/")[2]
        if "NextToken" not in page:
            raise UnreadableAccountError(
                f"The stack {stack} has no SageMaker model: set hosting to realtime."
            )
        more = {"NextToken": page["NextToken"]}


def check_version(account: AwsAccount, stack: CurrentStack) -> None:
    """Checks that no release has begun since a stack was read, whose model would be of another version.

    CloudFormation has a new model before the outputs of the stack name its version.

    Raises:
        UnreadableAccountError: One has begun, or CloudFormation refuses.
    """
    now = require_stack(account, stack.name)
    if now.status.endswith("_IN_PROGRESS") or now.outputs["ModelVersion"] != stack.outputs["ModelVersion"]:
        raise UnreadableAccountError(
            f"The stack {stack.name} is being updated ({now.status}), so the job could score with another "
            "version than the one that it names: start it again when the update is complete."
        )


def run_job(
    account: AwsAccount,
    request: JobRequest,
    folder: S3Folder,
    *,
    report: Callable[[str], None],
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Starts a job and waits for its end; stops it when that is interrupted.

    Args:
        account: The account.
        request: The request.
        folder: The folder of input and output.
        report: Receives the progress, one sentence at a time.
        wait: Waits so many seconds.

    Raises:
        UnreadableAccountError: SageMaker refuses, or the job fails.
    """
    account.change(
        "sagemaker", "create_transform_job", action="sagemaker:CreateTransformJob", **request.parameters()
    )
    try:
        described = _follow(account.patient(), request, folder, report=report, wait=wait)
    except UnreadableAccountError as error:
        raise UnreadableAccountError(
            f"{error} The job {request.name} goes on: its results come to {request.output}, and `aws "
            f"sagemaker stop-transform-job --transform-job-name {request.name}` stops it."
        ) from error
    except KeyboardInterrupt:
        account.change(
            "sagemaker",
            "stop_transform_job",
            action="sagemaker:StopTransformJob",
            TransformJobName=request.name,
        )
        raise
    if described["TransformJobStatus"] != "Completed":
        reason = described.get("FailureReason", f"it is {described['TransformJobStatus']}")
        lines = "".join(f"\n  {line}" for line in _log(account, request.name))
        raise UnreadableAccountError(f"The job {request.name} failed: {reason}.{lines}")


def _follow(
    account: AwsAccount,
    request: JobRequest,
    folder: S3Folder,
    *,
    report: Callable[[str], None],
    wait: Callable[[float], None],
) -> Mapping[str, Any]:
    said = ""
    total = len(request.source.objects)
    output = folder.key_of(request.output)
    while True:
        described: Mapping[str, Any] = account.read(
            "sagemaker",
            "describe_transform_job",
            action="sagemaker:DescribeTransformJob",
            TransformJobName=request.name,
        )
        done = sum(1 for _ in folder.objects(f"{output}/"))
        state = "scoring" if "TransformStartTime" in described else "starting"
        if said != (said := f"{state}: {done} of {counted(total, 'file')}"):
            report(said)
        if described["TransformJobStatus"] in _ENDED:
            return described
        wait(_PAUSE_SECONDS)


def _log(account: AwsAccount, job: str) -> list[str]:
    """Returns the last lines that SageMaker wrote about a job; none where they cannot be read."""
    try:
        found = account.read(
            "logs",
            "filter_log_events",
            action="logs:FilterLogEvents",
            missing="ResourceNotFoundException",
            logGroupName=_LOG_GROUP,
            logStreamNamePrefix=f"{job}/",
        )
    except UnreadableAccountError:
        return []
    messages = [event["message"] for event in (found or {}).get("events", ())]
    lines = [line.partition(_SAGEMAKERS)[2] for line in messages if _SAGEMAKERS in line]
    return [line for line in lines if line][-_LOGGED_LINES:]
