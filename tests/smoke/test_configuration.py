"""Checks of the live configuration; botocore validates each stubbed response by the API model."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from smoke.configuration import check_endpoint, check_function, is_following
from smoke.errors import CheckFailedError

ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/tiny-config-1a"


class StubbedEndpoint:
    """A client whose DescribeEndpoint has the given response."""

    def __init__(self) -> None:
        self.client: Any = boto3.client(
            "sagemaker", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        self._stub = Stubber(self.client)
        self._stub.activate()

    def check(self, *, config: str = ARN, **answer: object) -> str:
        now = datetime.now(UTC)
        described = {
            "EndpointName": "Tiny",
            "EndpointArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/tiny",
            "EndpointConfigName": "Tiny-Config-1A",
            "EndpointStatus": "InService",
            "CreationTime": now,
            "LastModifiedTime": now,
        }
        self._stub.add_response("describe_endpoint", described | answer, {"EndpointName": "Tiny"})
        return check_endpoint(self.client, name="Tiny", config=config)


@pytest.fixture
def endpoint() -> StubbedEndpoint:
    return StubbedEndpoint()


@pytest.mark.parametrize("config", [ARN, "Tiny-Config-1A"])
def test_an_endpoint_with_the_stacks_configuration_passes(endpoint: StubbedEndpoint, config: str) -> None:
    assert "InService with the stack's configuration Tiny-Config-1A" in endpoint.check(config=config)


def test_another_configuration_fails_with_both_names(endpoint: StubbedEndpoint) -> None:
    with pytest.raises(CheckFailedError, match=r"serves configuration Foreign .* stack has tiny-config-1a"):
        endpoint.check(EndpointConfigName="Foreign")


def test_a_failed_update_fails_with_its_reason(
    endpoint: StubbedEndpoint,
) -> None:
    with pytest.raises(
        CheckFailedError, match=r"rolled back and it serves the OLD configuration Tiny-Config-1A: alarm"
    ):
        endpoint.check(FailureReason="alarm")


def test_an_update_in_progress_fails_with_its_target(endpoint: StubbedEndpoint) -> None:
    with pytest.raises(CheckFailedError, match=r"is Updating to configuration Next: run this again"):
        endpoint.check(
            EndpointStatus="Updating",
            PendingDeploymentSummary={"EndpointConfigName": "Next"},
            LastDeploymentConfig={
                "BlueGreenUpdatePolicy": {
                    "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
                }
            },
        )


@pytest.mark.parametrize(
    "status", ["OutOfService", "SystemUpdating", "RollingBack", "Failed", "UpdateRollbackFailed"]
)
def test_another_status_fails_with_its_reason(endpoint: StubbedEndpoint, status: str) -> None:
    with pytest.raises(CheckFailedError, match=f"endpoint Tiny is {status}: no capacity"):
        endpoint.check(EndpointStatus=status, FailureReason="no capacity")


LIVE = {"MODEL_DATA_URL": "s3://bucket-1a/models/tiny/ab/model.tar.gz", "ROLE": "serving"}
ALIAS = "arn:aws:lambda:us-east-1:000000000000:function:tiny:live"
BUCKET = {"Fn::GetAtt": ["Publication", "Bucket"]}
TEMPLATE_VARIABLES = {
    "MODEL_DATA_URL": {"Fn::Join": ["", ["s3://", BUCKET, "/models/tiny/ab/model.tar.gz"]]},
    "ROLE": "serving",
}


def check_stubbed_function(*, variables: dict[str, Any] | None = None, **answer: object) -> str:
    """Checks a function whose GetFunctionConfiguration has the given response."""
    client = boto3.client(
        "lambda", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    live = {
        "Version": "1",
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "Environment": {"Variables": LIVE},
    }
    variables = TEMPLATE_VARIABLES if variables is None else variables
    with Stubber(client) as stub:
        stub.add_response("get_function_configuration", live | answer, {"FunctionName": ALIAS})
        return check_function(
            client,
            name="tiny",
            alias=ALIAS,
            template={"Properties": {"Environment": {"Variables": variables}}},
        )


def test_a_function_with_the_templates_environment_passes() -> None:
    assert "its environment the template's" in check_stubbed_function()


def test_a_function_with_reload_seconds_reloads_its_bundle() -> None:
    assert not is_following({"Properties": {}})
    assert not is_following({"Properties": {"Environment": {"Variables": TEMPLATE_VARIABLES}}})
    assert is_following(
        {"Properties": {"Environment": {"Variables": TEMPLATE_VARIABLES | {"RELOAD_SECONDS": "60"}}}}
    )


@pytest.mark.parametrize(
    ("variables", "differ"),
    [
        (
            TEMPLATE_VARIABLES
            | {"MODEL_DATA_URL": {"Fn::Join": ["", ["s3://", BUCKET, "/models/tiny/cd/model.tar.gz"]]}},
            "MODEL_DATA_URL",
        ),
        (TEMPLATE_VARIABLES | {"ROLE": "serving2"}, "ROLE"),
        (TEMPLATE_VARIABLES | {"MORE": "x"}, "MORE"),
        ({"ROLE": "serving"}, "MODEL_DATA_URL"),
        ({}, "MODEL_DATA_URL, ROLE"),
    ],
    ids=["another bundle", "another value", "one missing", "one extra", "none"],
)
def test_another_environment_fails_with_the_names_of_the_variables(
    variables: dict[str, Any], differ: str
) -> None:
    with pytest.raises(CheckFailedError, match=f"environment: {differ}$"):
        check_stubbed_function(variables=variables)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (
            {"LastUpdateStatus": "Failed", "LastUpdateStatusReason": "no image"},
            "is Active, its last update Failed: no image",
        ),
        (
            {"State": "Failed", "StateReason": "no such key"},
            "is Failed, its last update Successful: no such key",
        ),
        ({"LastUpdateStatus": "InProgress"}, "its last update InProgress: it gives no reason"),
    ],
    ids=["failed update", "failed", "in progress"],
)
def test_a_failed_update_of_a_function_fails_with_its_reason(answer: dict[str, Any], found: str) -> None:
    with pytest.raises(CheckFailedError, match=found):
        check_stubbed_function(**answer)
