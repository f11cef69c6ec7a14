"""Serverless endpoints, and deployment configurations of endpoints on instances."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import make_config
from tests.local.iam.roles import MODEL_ROLE
from tests.local.polling import PATIENT_WAITER

Upload = Callable[..., str]

SERVERLESS = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
ON_INSTANCES = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 10,
    "DestinationS3Uri": "s3://bucket/captures",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}
ALL_AT_ONCE = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    },
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
}


def make_serverless(sagemaker: Any, name: str, model: str, **more: Any) -> None:
    variant = {"VariantName": "primary", "ModelName": model, "ServerlessConfig": SERVERLESS}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant | more])


def wait_in_service(sagemaker: Any, name: str) -> dict[str, Any]:
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig=PATIENT_WAITER)
    described: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=name)
    return described


def test_a_serverless_endpoint_is_described_with_its_serverless_configuration(
    sagemaker: Any, endpoint: str, upload: Upload
) -> None:
    name = f"{endpoint}-serverless"
    make_config(sagemaker, name, upload("serverless", version="serverless"))
    make_serverless(sagemaker, f"{name}-config", name)

    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-config")

    [variant] = wait_in_service(sagemaker, name)["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], variant["CurrentServerlessConfig"]) == (0, SERVERLESS)
    sagemaker.delete_endpoint(EndpointName=name)


def test_an_endpoint_on_instances_cannot_become_serverless(sagemaker: Any, endpoint: str) -> None:
    make_serverless(sagemaker, f"{endpoint}-serverless", endpoint)

    with pytest.raises(ClientError, match="cannot be updated to a serverless one"):
        sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=f"{endpoint}-serverless")

    described = sagemaker.describe_endpoint(EndpointName=endpoint)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", endpoint)


def test_a_serverless_endpoint_can_be_updated_to_instances(sagemaker: Any, endpoint: str) -> None:
    name = f"{endpoint}-serverless"
    make_serverless(sagemaker, name, endpoint)
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    wait_in_service(sagemaker, name)

    sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=endpoint)

    described = wait_in_service(sagemaker, name)
    assert (described["EndpointConfigName"], described["ProductionVariants"][0]["CurrentInstanceCount"]) == (
        endpoint,
        1,
    )
    sagemaker.delete_endpoint(EndpointName=name)


@pytest.mark.parametrize("more", [{"InstanceType": "ml.m5.large"}, {"InitialInstanceCount": 1}])
def test_a_serverless_variant_with_instance_settings_is_refused(
    sagemaker: Any, endpoint: str, more: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match=f"A serverless endpoint has no {next(iter(more))}"):
        make_serverless(sagemaker, f"{endpoint}-both", endpoint, **more)


def test_a_variant_without_serverless_or_instance_settings_is_refused(sagemaker: Any, endpoint: str) -> None:
    variant = {"VariantName": "primary", "ModelName": endpoint}

    with pytest.raises(ClientError, match="A variant needs ServerlessConfig, or InstanceType"):
        sagemaker.create_endpoint_config(EndpointConfigName=f"{endpoint}-none", ProductionVariants=[variant])


def test_a_serverless_endpoint_with_data_capture_or_network_isolation_is_refused(
    sagemaker: Any, endpoint: str
) -> None:
    name = f"{endpoint}-isolated"
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=MODEL_ROLE,
        PrimaryContainer={"Image": "image:tag"},
        EnableNetworkIsolation=True,
    )
    variant = {"VariantName": "primary", "ModelName": name, "ServerlessConfig": SERVERLESS}

    with pytest.raises(ClientError, match="no DataCaptureConfig, EnableNetworkIsolation"):
        sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[variant], DataCaptureConfig=CAPTURE
        )


def test_data_capture_on_instances_is_described_as_requested(sagemaker: Any, endpoint: str) -> None:
    name = f"{endpoint}-captured"
    variant = {"VariantName": "primary", "ModelName": endpoint, **ON_INSTANCES}

    sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant], DataCaptureConfig=CAPTURE
    )

    described = sagemaker.describe_endpoint_config(EndpointConfigName=name)
    assert described["DataCaptureConfig"] == CAPTURE
    assert "DataCaptureConfig" not in sagemaker.describe_endpoint(EndpointName=endpoint)

    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=name)

    assert wait_in_service(sagemaker, endpoint)["DataCaptureConfig"] == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": CAPTURE["InitialSamplingPercentage"],
        "DestinationS3Uri": CAPTURE["DestinationS3Uri"],
        "KmsKeyId": "",
    }


def test_an_updated_endpoint_is_described_with_its_deployment_configuration(
    sagemaker: Any, endpoint: str, upload: Upload
) -> None:
    make_config(sagemaker, f"{endpoint}-two", upload("two"))

    sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=f"{endpoint}-two", DeploymentConfig=ALL_AT_ONCE
    )

    described = wait_in_service(sagemaker, endpoint)
    assert described["LastDeploymentConfig"] == ALL_AT_ONCE
    assert described["EndpointConfigName"] == f"{endpoint}-two"


def test_a_rolled_back_endpoint_is_described_with_the_old_configuration_and_the_reason(
    sagemaker: Any, endpoint: str, upload: Upload, tmp_path: Any
) -> None:
    make_config(sagemaker, f"{endpoint}-broken", upload("broken", fails_while=str(tmp_path)))

    sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=f"{endpoint}-broken", DeploymentConfig=ALL_AT_ONCE
    )

    described = wait_in_service(sagemaker, endpoint)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", endpoint)
    assert "did not pass the ping health check" in described["FailureReason"]
    assert "The serving process ended with exit code 3." in described["FailureReason"]
    assert described["LastDeploymentConfig"] == ALL_AT_ONCE
