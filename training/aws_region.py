"""Region of AWS clients."""

import os


def aws_region() -> str | None:
    """Returns AWS_REGION, or None for what boto3 finds itself: AWS_DEFAULT_REGION, or the profile's region.

    The CDK CLI and AWS's other SDKs prefer AWS_REGION, and boto3 does not read it:
    https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html
    """
    return os.environ.get("AWS_REGION") or None
