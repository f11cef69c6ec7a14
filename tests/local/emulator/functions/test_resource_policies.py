"""Limit of the policy with the permissions of a function's callers."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ministack.services import lambda_svc

from local.emulator.functions.quotas import MAX_POLICY_BYTES
from local.local_aws import LocalAws
from tests.local.emulator.functions.function_zip import create_function

SOURCE = "handler = lambda event, context: 1"


def permit(client: Any, function: str, number: int) -> None:
    """Lets one route of an API call a function."""
    client.add_permission(
        FunctionName=function,
        StatementId=f"route-{number}",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:us-east-1:000000000000:abcdefghij/v1/POST/model_{number}/predict",
    )


def permit_routes(client: Any, function: str) -> None:
    """Lets a hundred routes call a function, which are too many."""
    for number in range(100):
        permit(client, function, number)


def test_a_permission_with_which_the_policy_is_too_large_is_refused(aws: LocalAws, bucket: str) -> None:
    create_function(aws, bucket, SOURCE)
    client = aws.client("lambda")

    with pytest.raises(ClientError, match=r"The final policy size \(\d+\) is bigger than") as caught:
        permit_routes(client, bucket)

    assert caught.value.response["Error"]["Code"] == "PolicyLengthExceededException"
    policy = json.loads(client.get_policy(FunctionName=bucket)["Policy"])
    assert len(json.dumps(policy, separators=(",", ":"))) <= MAX_POLICY_BYTES
    assert len(policy["Statement"]) > 40


def test_a_permission_fits_again_after_another_is_removed(aws: LocalAws, bucket: str) -> None:
    create_function(aws, bucket, SOURCE)
    client = aws.client("lambda")
    with pytest.raises(ClientError) as caught:
        permit_routes(client, bucket)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400

    client.remove_permission(FunctionName=bucket, StatementId="route-0")

    permit(client, bucket, 300)


def test_ministack_has_the_internal_hook_of_permissions() -> None:
    """The hook is internal; this test fails if a new version of MiniStack moves it."""
    assert callable(lambda_svc._add_permission)
