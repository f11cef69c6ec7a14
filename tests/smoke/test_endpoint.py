"""A SageMaker endpoint and the configuration its stack asked for: answers in the shapes of the real API."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from smoke.endpoint import check_endpoint
from smoke.errors import UnprovenError

ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/tiny-config-1a"


class Described:
    """DescribeEndpoint answering as told: botocore holds each answer against the API."""

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
def endpoint() -> Described:
    return Described()


@pytest.mark.parametrize("config", [ARN, "Tiny-Config-1A"])
def test_the_stacks_configuration_in_service_is_proven(endpoint: Described, config: str) -> None:
    assert "InService with the stack's configuration Tiny-Config-1A" in endpoint.check(config=config)


def test_another_configuration_is_refuted_with_both_names(endpoint: Described) -> None:
    with pytest.raises(UnprovenError, match=r"serves configuration Foreign .* asked for tiny-config-1a"):
        endpoint.check(EndpointConfigName="Foreign")


def test_a_failed_update_is_refuted_as_rolled_back_whatever_the_stack_asks_for(endpoint: Described) -> None:
    with pytest.raises(
        UnprovenError, match=r"rolled back and it serves the OLD configuration Tiny-Config-1A: alarm"
    ):
        endpoint.check(FailureReason="alarm")


def test_an_update_under_way_is_refuted_with_where_it_leads(endpoint: Described) -> None:
    with pytest.raises(UnprovenError, match=r"is Updating, on its way to configuration Next: run this again"):
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
def test_a_status_that_is_not_in_service_is_refuted_with_its_reason(endpoint: Described, status: str) -> None:
    with pytest.raises(UnprovenError, match=f"endpoint Tiny is {status}: no capacity"):
        endpoint.check(EndpointStatus=status, FailureReason="no capacity")
