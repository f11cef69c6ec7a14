"""A SageMaker endpoint, held against the configuration its stack asked for."""

from collections.abc import Mapping
from typing import Any

from smoke.errors import UnprovenError


def check_endpoint(sagemaker: Any, *, name: str, config: str) -> str:
    """The endpoint is in service with the stack's configuration, and its last update did not fail.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html

    Args:
        sagemaker: A boto3 client.
        name: The endpoint's name.
        config: The physical id of the stack's endpoint configuration, a name or an ARN.

    Returns:
        What was found.

    Raises:
        UnprovenError: It is not so.
    """
    described = sagemaker.describe_endpoint(EndpointName=name)
    asked, live = config.rpartition("/")[2], described["EndpointConfigName"]
    _require_settled(described)
    if failure := described.get("FailureReason"):
        raise UnprovenError(
            f"the last update of endpoint {name} was rolled back and it serves the OLD configuration "
            f"{live}: {failure}"
        )
    # SageMaker writes the name inside an ARN in lower case.
    if live.casefold() != asked.casefold():
        raise UnprovenError(
            f"endpoint {name} serves configuration {live} and the stack asked for {asked}: "
            "an update was rolled back, or something other than the stack has changed the endpoint"
        )
    return f"endpoint {name} is InService with the stack's configuration {live}"


def _require_settled(described: Mapping[str, Any]) -> None:
    name, status = described["EndpointName"], described["EndpointStatus"]
    if pending := described.get("PendingDeploymentSummary"):
        raise UnprovenError(
            f"endpoint {name} is {status}, on its way to configuration {pending['EndpointConfigName']}: "
            "run this again when it is there"
        )
    if status != "InService":
        raise UnprovenError(
            f"endpoint {name} is {status}: {described.get('FailureReason', 'not in service')}"
        )
