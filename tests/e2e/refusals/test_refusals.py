"""What a client of the deployed API gets when API Gateway or Lambda refuses: always a problem document."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.e2e.support.account import Account
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle

MEGABYTE = 1024 * 1024
PROBLEM = "application/problem+json"
# No token is added during a test.
ALMOST_NEVER = "0.0001"


@dataclass(frozen=True, kw_only=True)
class Refusing:
    """The deployed tiny stack with the model in a Lambda function.

    Attributes:
        account: The emulator.
        url: URL of the API.
        key: Its API key.
        api: Its id.
        functions: Names of the two functions by the start of their logical ids.
        plan: Id of the usage plan.
    """

    account: Account
    url: str
    key: str
    api: str
    functions: dict[str, str]
    plan: str

    def client(self, service: str) -> Any:
        """A client of the emulator."""
        return self.account.aws.client(service)

    def request(
        self, method: str, path: str, body: bytes | None = None, *, content_type: str = "application/json"
    ) -> Any:
        """Sends a request; the response has status, headers and data."""
        headers = {"x-api-key": self.key, "content-type": content_type}
        return urllib3.request(method, self.url + path, body=body, headers=headers, timeout=60, retries=False)

    def predict(self, body: bytes | None = None, *, content_type: str = "application/json") -> Any:
        """Requests a prediction, of the example by default."""
        body = json.dumps(EXAMPLE).encode() if body is None else body
        return self.request("POST", "/predict", body, content_type=content_type)


@pytest.fixture(scope="module")
def stack(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Refusing:
    bundle = tmp_path_factory.mktemp("bundle") / "model.tar.gz"
    write_tiny_bundle(Path(bundle))
    account.deploy(bundle, hosting="lambda")
    service = account.find()
    resources = account.aws.client("cloudformation").describe_stack_resources(StackName="Tiny")
    ids = {
        (resource["ResourceType"], resource["LogicalResourceId"]): resource["PhysicalResourceId"]
        for resource in resources["StackResources"]
    }
    return Refusing(
        account=account,
        url=service.url.removesuffix("/predict"),
        key=service.api_key,
        api=next(found for (kind, _), found in ids.items() if kind == "AWS::ApiGateway::RestApi"),
        functions={
            name: found
            for name in ("Api", "Model")
            for (kind, logical), found in ids.items()
            if kind == "AWS::Lambda::Function" and logical.startswith(name)
        },
        plan=next(found for (kind, _), found in ids.items() if kind == "AWS::ApiGateway::UsagePlan"),
    )


@pytest.fixture
def patched_stage(stack: Refusing) -> Iterator[Callable[..., None]]:
    """Patches method settings of the stage, and restores them."""
    client = stack.client("apigateway")
    undone: list[dict[str, str]] = []

    def patch(**values: str) -> None:
        settings = client.get_stage(restApiId=stack.api, stageName="v1")["methodSettings"]
        before = settings.get("/health/GET") or settings["health/GET"]
        for name, value in values.items():
            path = f"/~1health/GET/throttling/{name}"
            old = str(before[f"throttling{name[0].upper()}{name[1:]}"])
            undone.append({"op": "replace", "path": path, "value": old})
            operation = {"op": "replace", "path": path, "value": value}
            client.update_stage(restApiId=stack.api, stageName="v1", patchOperations=[operation])

    yield patch
    client.update_stage(restApiId=stack.api, stageName="v1", patchOperations=undone)


def problem(response: Any, status: int) -> dict[str, Any]:
    """The problem document of a response with this status."""
    assert (response.status, response.headers["content-type"]) == (status, PROBLEM), response.data
    document: dict[str, Any] = json.loads(response.data)
    assert document["status"] == status
    assert document["request_id"] == response.headers["x-request-id"]
    return document


def test_the_stack_predicts(stack: Refusing) -> None:
    assert stack.predict().status == 200


@pytest.mark.parametrize("body", [b"[1]", b"1", b'"text"', b"{", b""])
def test_a_body_that_is_no_json_object_is_refused_before_the_function(stack: Refusing, body: bytes) -> None:
    document = problem(stack.predict(body), 400)

    assert document["detail"] == (
        "The body is not a JSON object: send one, or rows with the content type application/jsonlines or "
        "text/csv."
    )


def test_a_body_of_csv_reaches_the_model(stack: Refusing) -> None:
    assert stack.predict(b"size\n0\n", content_type="text/csv").status == 200


@pytest.mark.parametrize("size", [MEGABYTE + 1, 8 * MEGABYTE, 10 * MEGABYTE + 1])
def test_a_body_over_each_limit_is_too_large(stack: Refusing, size: int) -> None:
    body = b"size\n" + b"1\n" * (size // 2)

    document = problem(stack.predict(body, content_type="text/csv"), 413)

    assert document["title"] == "Content Too Large"
    assert "1,048,576 bytes" in document["detail"]


def test_requests_over_the_throttle_of_a_method_are_told_when_to_retry(
    stack: Refusing, patched_stage: Callable[..., None]
) -> None:
    patched_stage(rateLimit=ALMOST_NEVER, burstLimit="1")
    responses = [stack.request("GET", "/health") for _ in range(2)]

    document = problem(responses[1], 429)

    assert document["detail"] == "Too many requests at once."
    assert responses[1].headers["retry-after"] == "1"


def test_requests_over_the_quota_of_a_key_are_told_when_to_retry(stack: Refusing) -> None:
    client = stack.client("apigateway")
    quota = [("limit", "1"), ("period", "MONTH")]
    operations = [{"op": "replace", "path": f"/quota/{name}", "value": value} for name, value in quota]
    client.update_usage_plan(usagePlanId=stack.plan, patchOperations=operations)
    responses = [stack.predict() for _ in range(2)]
    client.update_usage_plan(usagePlanId=stack.plan, patchOperations=[{"op": "remove", "path": "/quota"}])

    document = problem(responses[1], 429)

    assert document["detail"] == "The quota of this API key is used up."
    assert responses[1].headers["retry-after"] == "3600"


def test_a_late_response_is_a_gateway_timeout(stack: Refusing) -> None:
    client = stack.client("apigateway")
    items = client.get_resources(restApiId=stack.api, limit=500)["items"]
    [resource] = [item["id"] for item in items if item["path"] == "/predict"]
    method = {"restApiId": stack.api, "resourceId": resource, "httpMethod": "POST"}

    def limit(milliseconds: int) -> None:
        operation = {"op": "replace", "path": "/timeoutInMillis", "value": str(milliseconds)}
        client.update_integration(**method, patchOperations=[operation])

    configured = client.get_integration(**method)["timeoutInMillis"]
    limit(50)
    # A function with another memory size starts anew, and no interpreter starts in 50 ms.
    resize(stack, "Api", 513)
    response = stack.predict()
    limit(configured)

    assert problem(response, 504)["detail"] == "There was no answer in time."
    assert configured == 15_000


def test_a_throttled_invoker_is_a_bad_gateway(stack: Refusing) -> None:
    with_concurrency(stack, "Api", 0)
    response = stack.predict()
    with_concurrency(stack, "Api", None)

    problem(response, 502)


def test_a_throttled_model_is_told_when_to_retry(stack: Refusing) -> None:
    with_concurrency(stack, "Model", 0)
    response = stack.predict()
    with_concurrency(stack, "Model", 5)

    problem(response, 429)
    assert response.headers["retry-after"] == "1"


def resize(stack: Refusing, function: str, megabytes: int) -> None:
    client = stack.client("lambda")
    client.update_function_configuration(FunctionName=stack.functions[function], MemorySize=megabytes)


def with_concurrency(stack: Refusing, function: str, reserved: int | None) -> None:
    client, name = stack.client("lambda"), stack.functions[function]
    if reserved is None:
        client.delete_function_concurrency(FunctionName=name)
    else:
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
