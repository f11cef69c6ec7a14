"""Handler of the stack's custom resources: a bundle in the bucket, and the configuration that serves.

Of a bundle, Create and Update publish it, and Delete empties the bucket. Of a served configuration, Create
and Update check it.
"""

import json
import traceback
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from .artifact_bucket import empty, publish
from .cloudformation_response import send_response
from .served_configuration import check_served

# Three attempts take 4 minutes at worst, less than the 5 minutes of the function's own timeout.
_CONFIG = Config(connect_timeout=5, read_timeout=70, retries={"mode": "standard", "total_max_attempts": 3})
_S3_CLIENT = boto3.client("s3", config=_CONFIG)
_SECONDS_TO_RESPOND = 40
_SERVED_CONFIGURATION = "Custom::ServedConfiguration"


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
    bucket = properties["Bucket"]
    if event["RequestType"] == "Delete":
        if properties["EmptyOnDelete"] == "true" or _is_creation_rolled_back(event["StackId"]):
            empty(
                _S3_CLIENT,
                bucket,
                seconds_left=lambda: context.get_remaining_time_in_millis() / 1000 - _SECONDS_TO_RESPOND,
            )
        return event["PhysicalResourceId"], {}
    publish(_S3_CLIENT, properties)
    # CloudFormation deletes a resource whose physical id changes: the id names the bucket, not the bundle.
    return f"s3://{bucket}", {"Bucket": bucket}


def _subject(event: Mapping[str, Any]) -> str:
    is_served = event.get("ResourceType") == _SERVED_CONFIGURATION
    return "The served configuration's" if is_served else "The bundle's"


def _is_creation_rolled_back(stack_id: str) -> bool:
    """Returns whether CloudFormation rolls back the first creation of the stack.

    This rollback deletes the artifact bucket, which every other deletion of the stack retains.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
    """
    stacks = boto3.client("cloudformation", config=_CONFIG).describe_stacks(StackName=stack_id)["Stacks"]
    return bool(stacks[0]["StackStatus"] == "ROLLBACK_IN_PROGRESS")
