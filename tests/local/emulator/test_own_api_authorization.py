"""Permissions of SageMaker's callers and of its execution roles."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator.own_api_authorization import sagemaker_resources
from local.local_aws import LocalAws
from tests.local.conftest import make_config
from tests.local.iam.roles import SAGEMAKER_ACTIONS, allow, make_role, make_user, trust
from tests.local.iam.test_policy_evaluation import refusal
from tests.local.polling import PATIENT_WAITER

Upload = Callable[..., str]
ARN = "arn:aws:sagemaker:us-east-1:000000000000"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/any:tag"


def without(*actions: str) -> dict[str, Any]:
    return allow(*(action for action in SAGEMAKER_ACTIONS if action not in actions))


def create_model(sagemaker: Any, name: str, role: str, url: str, **container: str) -> None:
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=role,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": url, **container},
    )


@pytest.mark.parametrize(
    ("service", "call", "action"),
    [
        ("sagemaker-runtime", {"Body": b"{}"}, "InvokeEndpoint"),
        ("sagemaker", {}, "DescribeEndpoint"),
        ("sagemaker", {}, "DeleteEndpoint"),
    ],
)
def test_a_caller_without_permission_is_refused_in_the_words_of_aws(
    aws: LocalAws, endpoint: str, service: str, call: dict[str, bytes], action: str
) -> None:
    other = f"{ARN}:endpoint/other"
    user = make_user(aws, allow(f"sagemaker:{action}", resource=other))
    arn = user.client("sts").get_caller_identity()["Arn"]
    client = user.client(service)
    operation = next(name for name in dir(client) if name.replace("_", "") == action.lower())

    code, message = refusal(getattr(client, operation), EndpointName=endpoint, **call)

    assert code == "AccessDeniedException"
    assert message == (
        f"User: {arn} is not authorized to perform: sagemaker:{action} on resource: "
        f"{ARN}:endpoint/{endpoint} because no identity-based policy allows the sagemaker:{action} action"
    )


def test_a_caller_with_permission_on_an_endpoint_may_invoke_it(aws: LocalAws, endpoint: str) -> None:
    user = make_user(aws, allow("sagemaker:InvokeEndpoint", resource=f"{ARN}:endpoint/{endpoint}"))

    answer = user.client("sagemaker-runtime").invoke_endpoint(EndpointName=endpoint, Body=b"{}")

    assert json.loads(answer["Body"].read())["version"] == "one"


@pytest.mark.parametrize(
    ("operation", "parameters", "resources"),
    [
        (
            "UpdateEndpoint",
            {"EndpointName": "e", "EndpointConfigName": "c"},
            ["endpoint/e", "endpoint-config/c"],
        ),
        ("UpdateEndpointWeightsAndCapacities", {"EndpointName": "e"}, ["endpoint/e"]),
        ("DescribeModel", {"ModelName": "m"}, ["model/m"]),
        ("StopTrainingJob", {"TrainingJobName": "t"}, ["training-job/t"]),
        ("CreateTransformJob", {"TransformJobName": "t", "ModelName": "m"}, ["transform-job/t"]),
    ],
)
def test_an_operation_needs_permission_on_each_resource(
    operation: str, parameters: dict[str, str], resources: list[str]
) -> None:
    assert sagemaker_resources(operation, parameters) == [f"{ARN}:{name}" for name in resources]


def test_a_list_has_no_resource() -> None:
    assert sagemaker_resources("ListEndpoints", {}) == ["*"]


@pytest.mark.parametrize(
    "trusted",
    [
        trust("lambda"),
        trust("sagemaker", {"StringEquals": {"aws:SourceAccount": "111122223333"}}),
        trust("sagemaker", {"ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:eu-west-1:000000000000:*"}}),
    ],
    ids=["another service", "another account", "another region"],
)
def test_a_model_whose_role_does_not_trust_sagemaker_is_refused(
    sagemaker: Any, aws: LocalAws, bucket: str, trusted: dict[str, Any]
) -> None:
    role = make_role(aws, trusted, without())

    code, message = refusal(create_model, sagemaker=sagemaker, name=bucket, role=role, url="s3://a/b")

    assert code == "ValidationException"
    assert message == (
        f"Could not assume role {role}. Please ensure that the role exists and allows principal "
        "'sagemaker.amazonaws.com' to assume the role."
    )


@pytest.mark.parametrize(
    ("action", "container"),
    [("s3:GetObject", {}), ("s3:ListBucket", {"Mode": "MultiModel"})],
    ids=["one model", "several"],
)
def test_a_model_whose_role_cannot_read_its_data_is_refused(
    sagemaker: Any, aws: LocalAws, bucket: str, action: str, container: dict[str, str]
) -> None:
    role = make_role(aws, trust("sagemaker"), without(action))

    with pytest.raises(ClientError, match=rf"Could not access model data at s3://{bucket}/a.*{role}"):
        create_model(sagemaker, bucket, role, f"s3://{bucket}/a", **container)


@pytest.mark.parametrize("action", [action for action in SAGEMAKER_ACTIONS if action.startswith("ecr:")])
def test_an_endpoint_whose_role_cannot_pull_the_image_fails(
    sagemaker: Any, aws: LocalAws, bucket: str, upload: Upload, action: str
) -> None:
    make_config(
        sagemaker, bucket, upload("model.tar.gz"), role=make_role(aws, trust("sagemaker"), without(action))
    )

    sagemaker.create_endpoint(EndpointName=bucket, EndpointConfigName=bucket)
    with pytest.raises(Exception, match="EndpointInService"):
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=bucket, WaiterConfig=PATIENT_WAITER)

    reason = sagemaker.describe_endpoint(EndpointName=bucket)["FailureReason"]
    sagemaker.delete_endpoint(EndpointName=bucket)
    assert f"does not have {action.partition(':')[2]} permission for the image: '{IMAGE}'." in reason


def test_alarms_of_a_rollback_need_the_right_to_describe_them(
    sagemaker: Any, aws: LocalAws, bucket: str, upload: Upload
) -> None:
    role = make_role(aws, trust("sagemaker"), without("cloudwatch:DescribeAlarms"))
    make_config(sagemaker, bucket, upload("model.tar.gz"), role=role)
    routing = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    deployment = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    }

    code, message = refusal(
        sagemaker.create_endpoint,
        EndpointName=bucket,
        EndpointConfigName=bucket,
        DeploymentConfig=deployment,
    )

    assert code == "ValidationException"
    assert (
        "cloudwatch:DescribeAlarms on resource: arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors"
        in message
    )
