"""Refusals of a REST API in a running emulator."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError, WaiterError
from ministack.services import apigateway_v1

from local.local_aws import LocalAws
from tests.local.emulator.api_gateway import rest_api
from tests.local.emulator.api_gateway.rest_api import RestApi
from tests.local.polling import PATIENT_WAITER

MEGABYTE = 1024 * 1024
VALIDATED = {
    "RequestValidatorId": {"Ref": "Validator"},
    "RequestModels": {"application/json": {"Ref": "Model"}},
    "RequestParameters": {"method.request.header.X-Needed": False},
}
# No token is added during a test.
ONCE = {"RateLimit": 0.0001, "BurstLimit": 1}


@pytest.fixture
def stack(aws: LocalAws, bucket: str) -> Iterator[str]:
    yield bucket
    aws.client("cloudformation").delete_stack(StackName=bucket)


@pytest.fixture(scope="module")
def validated(aws: LocalAws) -> Iterator[RestApi]:
    yield rest_api.deploy(aws, "validated", method=VALIDATED)
    aws.client("cloudformation").delete_stack(StackName="validated")


def message(response: Any) -> Any:
    return json.loads(response.data)["message"]


@pytest.mark.parametrize("body", [b"[1]", b"not json", b"", b'"text"'])
def test_a_body_that_its_model_does_not_allow_is_refused(validated: RestApi, body: bytes) -> None:
    response = validated.post(body)

    assert (response.status, message(response)) == (400, "Invalid request body")
    assert response.headers["x-amzn-ErrorType"] == "BadRequestException"


def test_a_body_of_a_content_type_without_a_model_is_not_validated(validated: RestApi) -> None:
    response = validated.post(b"not json", content_type="text/csv")

    assert (response.status, response.data) == (200, b"8")


def test_a_validator_of_a_stack_is_changed_in_place(aws: LocalAws, stack: str) -> None:
    api = rest_api.deploy(aws, stack, method=VALIDATED)
    assert api.post(b"[1]").status == 400
    changed = json.loads(rest_api.template(method=VALIDATED))
    changed["Resources"]["Validator"]["Properties"]["ValidateRequestBody"] = False

    cloudformation = aws.client("cloudformation")
    cloudformation.update_stack(StackName=stack, TemplateBody=json.dumps(changed))
    cloudformation.get_waiter("stack_update_complete").wait(StackName=stack, WaiterConfig=PATIENT_WAITER)

    assert api.post(b"[1]").status == 200


def test_a_body_over_10_mb_is_refused(validated: RestApi) -> None:
    response = validated.post(b"x" * (10 * MEGABYTE + 1), content_type="text/csv")

    assert (response.status, message(response)) == (413, "Request Too Long")


def test_a_body_that_makes_an_event_over_6_mb_is_refused(validated: RestApi) -> None:
    largest = validated.post(b"x" * (6 * MEGABYTE - 4000), content_type="text/csv")
    assert (largest.status, largest.data) == (200, str(6 * MEGABYTE - 4000).encode())

    response = validated.post(b"x" * (6 * MEGABYTE), content_type="text/csv")

    assert (response.status, message(response)) == (413, "Request Too Long")


@pytest.mark.parametrize("body", [b"raise", b"garbled", b"large"])
def test_a_function_without_a_usable_response_is_a_bad_gateway(validated: RestApi, body: bytes) -> None:
    response = validated.post(body, content_type="text/plain")

    assert (response.status, message(response)) == (502, "Internal server error")
    assert response.headers["x-amzn-ErrorType"] == "InternalServerErrorException"


def test_a_throttled_function_is_an_internal_server_error(validated: RestApi) -> None:
    functions = validated.aws.client("lambda")
    functions.put_function_concurrency(FunctionName=validated.function, ReservedConcurrentExecutions=0)

    response = validated.post()
    functions.delete_function_concurrency(FunctionName=validated.function)

    assert (response.status, message(response)) == (500, "Internal server error")


def test_an_integration_that_exceeds_its_timeout_is_a_gateway_timeout(aws: LocalAws, stack: str) -> None:
    api = rest_api.deploy(aws, stack, integration={"TimeoutInMillis": 50})

    response = api.post(b"wait")

    assert (response.status, message(response)) == (504, "Endpoint request timed out")


def failed_creation(aws: LocalAws, stack: str, body: str) -> str:
    """The reasons why a stack is not created."""
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName=stack, TemplateBody=body)
    with pytest.raises(WaiterError, match="ROLLBACK_COMPLETE"):
        cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=PATIENT_WAITER)
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    return "\n".join(event.get("ResourceStatusReason", "") for event in events)


@pytest.mark.parametrize("milliseconds", [49, 29_001])
def test_a_timeout_out_of_range_is_refused(aws: LocalAws, stack: str, milliseconds: int) -> None:
    body = rest_api.template(integration={"TimeoutInMillis": milliseconds})

    assert "Timeout should be between 50 ms and 29000 ms" in failed_creation(aws, stack, body)


def test_a_deployment_without_methods_is_refused(aws: LocalAws, stack: str) -> None:
    changed = json.loads(rest_api.template())
    del changed["Resources"]["Method"]
    changed["Resources"]["Deployment"]["DependsOn"] = []

    reason = failed_creation(aws, stack, json.dumps(changed))

    assert "The REST API doesn't contain any methods" in reason


def test_a_deployment_of_a_method_without_integration_is_refused(aws: LocalAws, stack: str) -> None:
    changed = json.loads(rest_api.template())
    del changed["Resources"]["Method"]["Properties"]["Integration"]

    assert "No integration defined for method" in failed_creation(aws, stack, json.dumps(changed))


def test_a_usage_plan_of_a_stage_that_is_not_there_is_refused(aws: LocalAws, stack: str) -> None:
    changed = json.loads(rest_api.template())
    changed["Resources"]["Plan"]["Properties"]["ApiStages"][0]["Stage"] = "absent"

    reason = failed_creation(aws, stack, json.dumps(changed))

    assert "API Stage not found: " in reason
    assert ":absent" in reason


@pytest.mark.parametrize(
    "properties",
    [
        {"MethodSettings": [{"ResourcePath": "/*", "HttpMethod": "*", "LoggingLevel": "ERROR"}]},
        {"AccessLogSetting": {"DestinationArn": "arn:aws:logs:us-east-1:000000000000:log-group:any"}},
    ],
)
def test_the_logs_of_a_stage_need_the_role_of_the_account(
    aws: LocalAws, stack: str, properties: dict[str, Any]
) -> None:
    changed = json.loads(rest_api.template())
    changed["Resources"]["Stage"]["Properties"] |= properties
    body = json.dumps(changed)

    assert "CloudWatch Logs role ARN must be set in account settings" in failed_creation(aws, stack, body)


def test_the_log_level_of_a_stage_needs_the_role_of_the_account(validated: RestApi) -> None:
    client = validated.aws.client("apigateway")

    def set_level(level: str) -> None:
        patch = {"op": "replace", "path": "/*/*/logging/loglevel", "value": level}
        client.update_stage(restApiId=validated.id, stageName="v1", patchOperations=[patch])

    with pytest.raises(ClientError, match="CloudWatch Logs role ARN must be set in account settings"):
        set_level("INFO")

    role = {"op": "replace", "path": "/cloudwatchRoleArn", "value": rest_api.ROLE}
    client.update_account(patchOperations=[role])
    try:
        set_level("INFO")
    finally:
        client.update_account(patchOperations=[{"op": "remove", "path": "/cloudwatchRoleArn"}])


def test_an_update_to_a_timeout_out_of_range_is_refused(validated: RestApi) -> None:
    client = validated.aws.client("apigateway")
    items = client.get_resources(restApiId=validated.id)["items"]
    [resource] = [item["id"] for item in items if item["path"] == rest_api.PATH]
    patch = {"op": "replace", "path": "/timeoutInMillis", "value": "30000"}

    with pytest.raises(ClientError, match="Timeout should be between 50 ms and 29000 ms"):
        client.update_integration(
            restApiId=validated.id, resourceId=resource, httpMethod="POST", patchOperations=[patch]
        )


@pytest.mark.parametrize(
    "options",
    [
        {
            "settings": [
                {"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingRateLimit": 0.0001}
                | {"ThrottlingBurstLimit": 1}
            ]
        },
        {
            "settings": [
                {"ResourcePath": "/~1things", "HttpMethod": "POST", "ThrottlingRateLimit": 0.0001}
                | {"ThrottlingBurstLimit": 1}
            ]
        },
        {"plan": {"Throttle": ONCE}},
        {"throttle": {"/things/POST": ONCE}},
    ],
    ids=["stage", "method", "plan", "method of a plan"],
)
def test_requests_over_a_throttle_are_refused(aws: LocalAws, stack: str, options: dict[str, Any]) -> None:
    api = rest_api.deploy(aws, stack, **options)
    assert api.post().status == 200

    response = api.post()

    assert (response.status, message(response)) == (429, "Too Many Requests")
    assert response.headers["x-amzn-ErrorType"] == "TooManyRequestsException"


def test_a_usage_plan_with_only_a_rate_lets_requests_pass(aws: LocalAws, stack: str) -> None:
    api = rest_api.deploy(aws, stack, plan={"Throttle": {"RateLimit": 100}})

    assert api.post().status == 200


def test_requests_over_a_quota_are_refused(aws: LocalAws, stack: str) -> None:
    api = rest_api.deploy(aws, stack, plan={"Quota": {"Limit": 1, "Period": "MONTH"}})
    assert api.post().status == 200

    response = api.post()

    assert (response.status, message(response)) == (429, "Limit Exceeded")
    assert response.headers["x-amzn-ErrorType"] == "LimitExceededException"


def test_a_refusal_has_the_gateway_response_of_the_stack(aws: LocalAws, stack: str) -> None:
    own = {
        "StatusCode": "503",
        "ResponseParameters": {"gatewayresponse.header.Retry-After": "'7'"},
        "ResponseTemplates": {"application/json": '{"why":$context.error.messageString}'},
    }
    failed = {"StatusCode": "500"}
    api = rest_api.deploy(
        aws,
        stack,
        plan={"Quota": {"Limit": 2, "Period": "MONTH"}},
        responses={"QUOTA_EXCEEDED": own, "INTEGRATION_FAILURE": failed},
    )
    assert api.post().status == 200
    assert api.post(b"raise").status == 500

    response = api.post()

    assert (response.status, response.headers["Retry-After"]) == (503, "7")
    assert json.loads(response.data) == {"why": "Limit Exceeded"}


def test_ministack_has_the_internal_hooks_of_the_data_plane() -> None:
    """The hooks are internal; this test fails if a new version of MiniStack moves them."""
    hooks = (
        *("_authorize_request_v1", "_call_lambda_raw", "_check_quota", "_check_request_validation"),
        *("_check_throttle", "_gateway_error_response", "_invoke_http_proxy_v1", "_invoke_lambda_custom_v1"),
        *("_invoke_lambda_proxy_v1", "_invoke_sqs_v1", "_lambda_proxy_response", "_put_integration"),
        *("_create_deployment", "_create_usage_plan", "_update_stage"),
        *("_update_integration", "_usage_plans_for_key", "_method_throttle_settings", "_GatewayError"),
    )
    for hook in hooks:
        assert callable(getattr(apigateway_v1, hook)), hook


def test_an_api_is_reached_by_the_host_name_that_aws_gives_it(validated: RestApi) -> None:
    host = f"{validated.id}.execute-api.us-east-1.amazonaws.com"
    path = (
        validated.url.partition("/restapis/")[2]
        .replace(f"{validated.id}/", "")
        .replace("/_user_request_", "")
    )

    response = urllib3.request(
        "POST",
        f"{validated.aws.url}/{path}",
        body=b"{}",
        headers={"host": host, "content-type": "application/json", "x-api-key": validated.key},
    )

    assert (response.status, response.data) == (200, b"2")
