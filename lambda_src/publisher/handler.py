"""The custom resource: Create and Update publish a bundle, Delete empties the bucket."""

import json
import traceback
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from .artifact import empty, publish
from .reply import reply

# Three attempts take 4 minutes at worst, which the function's own timeout of 5 leaves room for.
S3 = boto3.client(
    "s3",
    config=Config(connect_timeout=5, read_timeout=70, retries={"mode": "standard", "total_max_attempts": 3}),
)
SECONDS_TO_ANSWER = 40


def handler(event: dict[str, Any], context: Any) -> None:
    """Does what CloudFormation asks and answers it in every case.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html
    """
    physical_id, failure = str(event.get("PhysicalResourceId", "not-created")), ""
    data: Mapping[str, str] = {}
    try:
        physical_id, data = _act(event, context)
    except Exception as error:
        failure = f"The bundle's {event.get('RequestType')} failed: {error}"
        print(json.dumps({"request_id": event.get("RequestId"), "error": traceback.format_exc()}))
    reply(event, physical_id=physical_id, data=data, failure=failure)


def _act(event: Mapping[str, Any], context: Any) -> tuple[str, Mapping[str, str]]:
    properties = event["ResourceProperties"]
    bucket = properties["Bucket"]
    if event["RequestType"] == "Delete":
        if properties["EmptyOnDelete"] == "true":
            empty(
                S3,
                bucket,
                seconds_left=lambda: context.get_remaining_time_in_millis() / 1000 - SECONDS_TO_ANSWER,
            )
        return event["PhysicalResourceId"], {}
    publish(S3, properties)
    # One identity for each bucket: a new bundle never makes CloudFormation delete the one before.
    return f"s3://{bucket}", {"Bucket": bucket}
