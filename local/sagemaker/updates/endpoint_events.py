"""Events of endpoints that SageMaker sends to EventBridge.

https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from local.sagemaker.fleets.fleet import Fleet
from local.sagemaker.hosting.endpoint import HostedEndpoint

# Takes the detail type, the ARN of the resource and the detail.
Publish = Callable[[str, str, Mapping[str, Any]], None]

_STATUS = "SageMaker Endpoint State Change"
_DEPLOYMENT = "SageMaker Endpoint Deployment State Change"


class EndpointEvents:
    """Sends the events of endpoints.

    Args:
        publish: Sends an event.
        arn: Returns the ARN of an endpoint's name.
    """

    def __init__(self, publish: Publish, *, arn: Callable[[str], str]) -> None:
        self._publish = publish
        self._arn = arn

    def status_changed(self, endpoint: HostedEndpoint) -> None:
        """Reports a change of EndpointStatus."""
        self._publish(_STATUS, self._arn(endpoint.name), self._detail(endpoint))

    def deployment_changed(self, endpoint: HostedEndpoint) -> None:
        """Reports a stage of the deployment in progress."""
        detail = self._detail(endpoint)
        if pending := endpoint.pending:
            status = {
                "Status": pending.status,
                "StatusMessage": pending.message,
                "StartTime": milliseconds(pending.stage_started),
            }
            variant = {**_variant(pending.fleet, pending.active), "VariantStatus": [status]}
            detail["PendingDeploymentSummary"] = {
                "EndpointConfigName": pending.fleet.config.name,
                "StartTime": milliseconds(pending.started),
                "ProductionVariants": [variant],
            }
        self._publish(_DEPLOYMENT, self._arn(endpoint.name), detail)

    def _detail(self, endpoint: HostedEndpoint) -> dict[str, Any]:
        fleet = endpoint.fleet
        return {
            "EndpointName": endpoint.name,
            "EndpointArn": self._arn(endpoint.name),
            "EndpointConfigName": endpoint.config.name,
            "ProductionVariants": [_variant(fleet, fleet.instance_count)] if fleet else [],
            # In capitals, unlike the API's: InService is IN_SERVICE.
            "EndpointStatus": re.sub(r"(?<=[a-z])(?=[A-Z])", "_", endpoint.status).upper(),
            "CreationTime": milliseconds(endpoint.created),
            "LastModifiedTime": milliseconds(endpoint.modified),
            "Tags": {},
        }


def _variant(fleet: Fleet, count: int) -> dict[str, Any]:
    return {
        "VariantName": fleet.variant["VariantName"],
        "CurrentWeight": fleet.properties.weight,
        "DesiredWeight": fleet.properties.weight,
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": fleet.properties.instance_count,
    }


def milliseconds(time: datetime) -> int:
    """Returns the time of an event in milliseconds since 1970."""
    return int(time.timestamp() * 1000)
