"""Descriptions of endpoints, as in DescribeEndpoint and ListEndpoints.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
"""

from collections.abc import Mapping
from typing import Any

from local.sagemaker.api.operation import OperationResult
from local.sagemaker.fleets.fleet import Fleet
from local.sagemaker.hosting.endpoint import HostedEndpoint
from local.sagemaker.hosting.serverless import serverless_config
from local.sagemaker.updates.pending_deployment import PendingDeployment


def endpoint_summary(endpoint: HostedEndpoint, *, arn: str) -> OperationResult:
    """Describes an endpoint in a list.

    Args:
        endpoint: The endpoint.
        arn: Its ARN.
    """
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": arn,
        "EndpointStatus": endpoint.status,
        "CreationTime": endpoint.created.timestamp(),
        "LastModifiedTime": endpoint.modified.timestamp(),
    }


def endpoint_description(endpoint: HostedEndpoint, *, arn: str) -> OperationResult:
    """Describes an endpoint with its fleets.

    Args:
        endpoint: The endpoint.
        arn: Its ARN.
    """
    described = endpoint_summary(endpoint, arn=arn) | {"EndpointConfigName": endpoint.config.name}
    if endpoint.failure:
        described["FailureReason"] = endpoint.failure
    if endpoint.deployment:
        described["LastDeploymentConfig"] = endpoint.deployment
    if fleet := endpoint.fleet:
        described["ProductionVariants"] = [_variant(fleet, fleet.instance_count)]
    if capture := endpoint.config.request.get("DataCaptureConfig"):
        described["DataCaptureConfig"] = _capture_summary(capture)
    if pending := endpoint.pending:
        described["PendingDeploymentSummary"] = _pending_summary(pending)
    return described


def _capture_summary(capture: Mapping[str, Any]) -> OperationResult:
    # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfigSummary.html
    is_enabled = bool(capture.get("EnableCapture", False))
    return {
        "EnableCapture": is_enabled,
        "CaptureStatus": "Started" if is_enabled else "Stopped",
        "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
        "DestinationS3Uri": capture["DestinationS3Uri"],
        "KmsKeyId": capture.get("KmsKeyId", ""),
    }


def _pending_summary(pending: PendingDeployment) -> OperationResult:
    status = {
        "Status": pending.status,
        "StatusMessage": pending.message,
        "StartTime": pending.stage_started.timestamp(),
    }
    # The current count is that of the instances with traffic, as in SageMaker's own example of a canary:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
    variant = {**_variant(pending.fleet, pending.active), "VariantStatus": [status]}
    if instance_type := pending.fleet.variant.get("InstanceType"):
        variant["InstanceType"] = instance_type
    return {
        "EndpointConfigName": pending.fleet.config.name,
        "StartTime": pending.started.timestamp(),
        "ProductionVariants": [variant],
    }


def _variant(fleet: Fleet, count: int) -> OperationResult:
    weights = {"CurrentWeight": fleet.properties.weight, "DesiredWeight": fleet.properties.weight}
    if serverless := serverless_config(fleet.config.request):
        counts = {
            "CurrentInstanceCount": 0,
            "CurrentServerlessConfig": serverless,
            "DesiredServerlessConfig": serverless,
        }
    else:
        counts = {"CurrentInstanceCount": count, "DesiredInstanceCount": fleet.properties.instance_count}
    return {"VariantName": fleet.variant["VariantName"], **weights, **counts}
