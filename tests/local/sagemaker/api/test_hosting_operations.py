"""Hosting operations of the SageMaker API, through boto3."""

import http.client
from collections.abc import Callable
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from local.local_aws import ACCESS_KEY_ID, SECRET_ACCESS_KEY, LocalAws
from tests.local.conftest import make_config
from tests.local.iam.roles import MODEL_ROLE
from tests.local.model_archives import archive, archive_of
from tests.local.polling import PATIENT_WAITER

Upload = Callable[..., str]
ARN = "arn:aws:sagemaker:us-east-1:000000000000"


def error_of(call: Callable[..., Any], **parameters: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response
    return error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"], error["Error"]["Message"]


def test_a_model_is_described_as_created(sagemaker: Any) -> None:
    created = sagemaker.create_model(
        ModelName="described",
        ExecutionRoleArn=MODEL_ROLE,
        PrimaryContainer={"Image": "image:tag", "Environment": {"A": "b"}},
        Tags=[],
    )

    described = sagemaker.describe_model(ModelName="described")

    assert created["ModelArn"] == described["ModelArn"] == f"{ARN}:model/described"
    assert described["PrimaryContainer"] == {"Image": "image:tag", "Environment": {"A": "b"}}
    assert described["CreationTime"].year > 2000


def test_an_endpoint_configuration_is_described_as_created(sagemaker: Any) -> None:
    make_config(sagemaker, "described-config", "s3://bucket/key")

    described = sagemaker.describe_endpoint_config(EndpointConfigName="described-config")

    assert described["EndpointConfigArn"] == f"{ARN}:endpoint-config/described-config"
    assert described["ProductionVariants"][0]["ModelName"] == "described-config"


def test_an_endpoint_in_service_is_described_with_its_variant(sagemaker: Any, endpoint: str) -> None:
    described = sagemaker.describe_endpoint(EndpointName=endpoint)

    assert described["EndpointStatus"] == "InService"
    assert described["EndpointArn"] == f"{ARN}:endpoint/{endpoint}"
    assert described["EndpointConfigName"] == endpoint
    (variant,) = described["ProductionVariants"]
    assert (variant["VariantName"], variant["CurrentInstanceCount"]) == ("primary", 1)


def test_an_update_changes_the_configuration_of_an_endpoint(
    sagemaker: Any, endpoint: str, upload: Upload
) -> None:
    make_config(sagemaker, f"{endpoint}-two", upload("two"))

    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=f"{endpoint}-two")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=endpoint, WaiterConfig=PATIENT_WAITER)

    described = sagemaker.describe_endpoint(EndpointName=endpoint)
    assert described["EndpointConfigName"] == f"{endpoint}-two"
    assert described["LastModifiedTime"] > described["CreationTime"]


def test_a_deleted_endpoint_is_not_found(sagemaker: Any, endpoint: str) -> None:
    sagemaker.delete_endpoint(EndpointName=endpoint)

    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=endpoint, WaiterConfig=PATIENT_WAITER)


def test_a_failed_endpoint_is_described_with_its_reason(sagemaker: Any, bucket: str) -> None:
    make_config(sagemaker, bucket, f"s3://{bucket}/no-such-key")
    sagemaker.create_endpoint(EndpointName=bucket, EndpointConfigName=bucket)

    with pytest.raises(Exception, match="Failed"):
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=bucket, WaiterConfig=PATIENT_WAITER)

    described = sagemaker.describe_endpoint(EndpointName=bucket)
    assert described["FailureReason"].startswith(f"Could not find model data at s3://{bucket}/no-such-key")


@pytest.mark.parametrize(
    "content",
    [b"no archive at all", archive()[:40], archive_of("../outside", b"")],
    ids=["other", "cut short", "escaping"],
)
def test_model_data_that_cannot_be_unpacked_fails_the_endpoint(
    sagemaker: Any, bucket: str, upload: Upload, content: bytes
) -> None:
    make_config(sagemaker, bucket, upload("model.tar.gz", content=content))
    sagemaker.create_endpoint(EndpointName=bucket, EndpointConfigName=bucket)

    with pytest.raises(Exception, match="Failed"):
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=bucket, WaiterConfig=PATIENT_WAITER)

    reason = sagemaker.describe_endpoint(EndpointName=bucket)["FailureReason"]
    assert reason.startswith(f"Could not unpack the model data at s3://{bucket}/model.tar.gz")


def test_describing_an_unknown_endpoint_is_a_validation_error(sagemaker: Any) -> None:
    status, code, message = error_of(sagemaker.describe_endpoint, EndpointName="nothing")

    assert (status, code) == (400, "ValidationException")
    assert message == f'Could not find endpoint "{ARN}:endpoint/nothing".'


@pytest.mark.parametrize(
    ("operation", "noun"),
    [
        ("delete_model", "model"),
        ("delete_endpoint_config", "endpoint configuration"),
        ("delete_endpoint", "endpoint"),
    ],
)
def test_deleting_an_unknown_resource_is_a_validation_error(
    sagemaker: Any, operation: str, noun: str
) -> None:
    parameter = "".join(word.capitalize() for word in operation.split("_")[1:]) + "Name"

    _, code, message = error_of(getattr(sagemaker, operation), **{parameter: "nothing"})

    assert code == "ValidationException"
    assert message.startswith(f"Could not find {noun} ")


def test_a_second_model_of_the_same_name_is_refused(sagemaker: Any) -> None:
    sagemaker.create_model(ModelName="once", ExecutionRoleArn=MODEL_ROLE, PrimaryContainer={})

    _, code, message = error_of(
        sagemaker.create_model, ModelName="once", ExecutionRoleArn=MODEL_ROLE, PrimaryContainer={}
    )

    assert (code, message) == (
        "ValidationException",
        f'Cannot create already existing model "{ARN}:model/once".',
    )


def test_the_name_of_a_deleted_resource_can_be_used_again(sagemaker: Any) -> None:
    make_config(sagemaker, "again", "s3://bucket/key")
    sagemaker.delete_endpoint_config(EndpointConfigName="again")
    sagemaker.delete_model(ModelName="again")

    assert make_config(sagemaker, "again", "s3://bucket/key") == "again"


def test_a_configuration_of_an_unknown_model_is_refused(sagemaker: Any) -> None:
    _, _, message = error_of(
        sagemaker.create_endpoint_config,
        EndpointConfigName="config",
        ProductionVariants=[{"VariantName": "primary", "ModelName": "nothing"}],
    )

    assert message == f'Could not find model "{ARN}:model/nothing".'


def test_an_endpoint_of_an_unknown_configuration_is_refused(sagemaker: Any) -> None:
    _, _, message = error_of(sagemaker.create_endpoint, EndpointName="e", EndpointConfigName="nothing")

    assert message == f'Could not find endpoint configuration "{ARN}:endpoint-config/nothing".'


def test_more_than_one_variant_is_refused(sagemaker: Any) -> None:
    variants = [{"VariantName": name, "ModelName": "any"} for name in ("a", "b")]

    _, _, message = error_of(
        sagemaker.create_endpoint_config, EndpointConfigName="config", ProductionVariants=variants
    )

    assert message == (
        "AWS on this machine supports one production variant in an endpoint configuration, "
        "and this one has 2."
    )


@pytest.mark.parametrize("parameters", [{}, {"Containers": [{}, {}]}], ids=["none", "two"])
def test_a_model_without_exactly_one_container_is_refused(sagemaker: Any, parameters: dict[str, Any]) -> None:
    _, _, message = error_of(sagemaker.create_model, ModelName="model", **parameters)

    assert message.startswith("AWS on this machine supports one container in a model")


def test_a_name_that_does_not_match_its_pattern_is_refused(sagemaker: Any) -> None:
    _, code, message = error_of(
        sagemaker.create_model, ModelName="under_score", ExecutionRoleArn=MODEL_ROLE, PrimaryContainer={}
    )

    assert code == "ValidationException"
    assert "Value 'under_score' at 'modelName' failed to satisfy constraint" in message


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"PrimaryContainer": {}}', "ValidationException"),
        (b'{"ModelName": 7}', "ValidationException"),
        (b"no JSON", "SerializationException"),
        (b"[]", "SerializationException"),
    ],
)
def test_a_malformed_request_is_refused(aws: LocalAws, body: bytes, code: str) -> None:
    request = AWSRequest("POST", f"{aws.url}/", {"X-Amz-Target": "SageMaker.CreateModel"}, body)
    SigV4Auth(Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY), "sagemaker", "us-east-1").add_auth(request)
    connection = http.client.HTTPConnection("127.0.0.1", aws.port, timeout=120)
    connection.request("POST", "/", body, dict(request.headers))
    answer = connection.getresponse()

    assert (answer.status, answer.getheader("x-amzn-errortype")) == (400, code)
    connection.close()


def test_an_unsupported_operation_is_refused_with_its_name(sagemaker: Any) -> None:
    status, code, message = error_of(sagemaker.list_processing_jobs)

    assert (status, code) == (400, "UnknownOperationException")
    assert message == "AWS on this machine has no SageMaker ListProcessingJobs."


def test_lists_are_newest_first_and_in_pages(sagemaker: Any) -> None:
    for name in ("listed-1", "listed-2", "listed-3"):
        make_config(sagemaker, name, "s3://bucket/key")

    pages = list(
        sagemaker.get_paginator("list_models").paginate(
            NameContains="listed-", PaginationConfig={"PageSize": 2}
        )
    )

    assert [[model["ModelName"] for model in page["Models"]] for page in pages] == [
        ["listed-3", "listed-2"],
        ["listed-1"],
    ]
    configs = sagemaker.list_endpoint_configs(NameContains="listed-2")["EndpointConfigs"]
    assert [config["EndpointConfigName"] for config in configs] == ["listed-2"]


def test_endpoints_are_listed_by_status(sagemaker: Any, endpoint: str) -> None:
    def listed(status: str) -> list[str]:
        found = sagemaker.list_endpoints(NameContains=endpoint, StatusEquals=status)["Endpoints"]
        return [item["EndpointName"] for item in found]

    assert listed("InService") == [endpoint]
    assert listed("Failed") == []


def test_an_unsupported_filter_is_refused(sagemaker: Any) -> None:
    _, _, message = error_of(sagemaker.list_models, SortBy="Name")

    assert message == "AWS on this machine does not support the list parameters SortBy."
