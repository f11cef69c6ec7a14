"""Handler of the stack's custom resources: a bundle in the bucket, its version, and what serves.

Of a bundle, Create and Update publish it, and Delete empties the bucket. Of a registered version, Create and
Update register it and mark the version that serves, and Delete empties the registry. Of a served
configuration, Create and Update check it.
"""

import json
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config

from .artifact_bucket import empty, publish
from .cloudformation_response import send_response
from .model_registry import delete_versions, mark_released, register
from .served_configuration import check_served

# Three attempts take 4 minutes at worst, less than the 5 minutes of the function's own timeout.
_CONFIG = Config(connect_timeout=5, read_timeout=70, retries={"mode": "standard", "total_max_attempts": 3})
_S3_CLIENT = boto3.client("s3", config=_CONFIG)
_SECONDS_TO_RESPOND = 40
_REGISTERED_VERSION = "Custom::RegisteredVersion"
_SERVED_CONFIGURATION = "Custom::ServedConfiguration"
# First words of a failure's sentence, by the type of the resource; any other resource is a bundle.
_SUBJECTS = {
    _REGISTERED_VERSION: "The registration's",
    _SERVED_CONFIGURATION: "The served configuration's",
}


def handler(event: dict[str, Any], context: Any) -> None:
    """Handles one request of CloudFormation, and responds to it in every case.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html
    """
    physical_id, failure = str(event.get("PhysicalResourceId", "not-created")), ""
    data: Mapping[str, str] = {}
    try:
        physical_id, data = _act(event, context)
    except Exception as error:
        failure = f"{_subject(event)} {event.get('RequestType')} failed: {error}"
        print(json.dumps({"request_id": event.get("RequestId"), "error": traceback.format_exc()}))
    send_response(event, physical_id=physical_id, data=data, failure=failure)


def _act(event: Mapping[str, Any], context: Any) -> tuple[str, Mapping[str, str]]:
    properties = event["ResourceProperties"]
    if event.get("ResourceType") == _SERVED_CONFIGURATION:
        if event["RequestType"] != "Delete":
            check_served(boto3.client("sagemaker", config=_CONFIG), properties)
        return f"endpoint/{properties['EndpointName']}", {}
    if event["RequestType"] == "Delete":
        if properties["EmptyOnDelete"] == "true" or _is_creation_rolled_back(event):
            _empty(event, seconds_left=lambda: _seconds_left(context))
        return event["PhysicalResourceId"], {}
    # CloudFormation deletes a resource whose physical id changes: the id names no bundle and no version.
    if event.get("ResourceType") == _REGISTERED_VERSION:
        return f"model-package-group/{properties['ModelPackageGroupName']}", _register(event)
    publish(_S3_CLIENT, properties)
    bucket = properties["Bucket"]
    return f"s3://{bucket}", {"Bucket": bucket}


def _register(event: Mapping[str, Any]) -> Mapping[str, str]:
    """Registers the version of the deployment, and marks the one that serves, which may be another."""
    sagemaker, properties = boto3.client("sagemaker", config=_CONFIG), event["ResourceProperties"]
    arn = register(sagemaker, properties)
    before = event.get("OldResourceProperties", {}).get("ServedVersion", "")
    mark_released(sagemaker, properties, before=before, now=datetime.now(UTC))
    return {"ModelPackageArn": arn}


def _empty(event: Mapping[str, Any], *, seconds_left: Callable[[], float]) -> None:
    properties = event["ResourceProperties"]
    if event.get("ResourceType") == _REGISTERED_VERSION:
        sagemaker = boto3.client("sagemaker", config=_CONFIG)
        delete_versions(sagemaker, properties["ModelPackageGroupName"], seconds_left=seconds_left)
    else:
        empty(_S3_CLIENT, properties["Bucket"], seconds_left=seconds_left)


def _seconds_left(context: Any) -> float:
    return float(context.get_remaining_time_in_millis()) / 1000 - _SECONDS_TO_RESPOND


def _subject(event: Mapping[str, Any]) -> str:
    return _SUBJECTS.get(event.get("ResourceType", ""), "The bundle's")


def _is_creation_rolled_back(event: Mapping[str, Any]) -> bool:
    """Returns whether CloudFormation rolls back the creation of the resource that holds the data.

    This rollback deletes bucket and registry, which every other deletion of the stack retains. The bucket is
    as old as the stack; a registry may have been added by the update that is rolled back.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
    """
    cloudformation = boto3.client("cloudformation", config=_CONFIG)
    status = cloudformation.describe_stacks(StackName=event["StackId"])["Stacks"][0]["StackStatus"]
    if event.get("ResourceType") == _REGISTERED_VERSION:
        return "ROLLBACK_" in status
    return bool(status == "ROLLBACK_IN_PROGRESS")
