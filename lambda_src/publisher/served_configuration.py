"""Check that an endpoint serves the configuration that the stack has just given it."""

from collections.abc import Mapping
from typing import Any

from .retry_until_permitted import retry_until_permitted


class ServedConfigurationError(Exception):
    """The endpoint serves another configuration; the message is one sentence for the events of the stack."""


def check_served(sagemaker: Any, properties: Mapping[str, str]) -> None:
    """Checks an endpoint after its update.

    SageMaker rolls an update back by itself, and the endpoint is InService again. CloudFormation deletes
    replaced resources when all others are updated, so a failure here makes it keep the configuration and the
    model that serve:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-monitor-stack.html

    Args:
        sagemaker: SageMaker client of boto3.
        properties: EndpointName, and EndpointConfigName that must serve.

    Raises:
        ServedConfigurationError: The endpoint serves another configuration.
        ClientError: SageMaker refuses the request.
    """
    name, wanted = properties["EndpointName"], properties["EndpointConfigName"]
    endpoint = retry_until_permitted(lambda: sagemaker.describe_endpoint(EndpointName=name))
    if (serving := endpoint["EndpointConfigName"]) != wanted:
        reason = endpoint.get("FailureReason") or "SageMaker gives no reason."
        raise ServedConfigurationError(
            f"SageMaker rolled back the update of the endpoint {name} to {wanted}, so {serving} serves and "
            f"the stack is rolled back too: {reason}"
        )
