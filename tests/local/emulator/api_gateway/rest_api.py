"""A REST API of a stack, deployed to the emulator, and requests to it."""

import json
from dataclasses import dataclass
from typing import Any

import urllib3

from local.local_aws import LocalAws
from tests.local.polling import PATIENT_WAITER

ROLE = "arn:aws:iam::000000000000:role/any"
# Answers with the number of bytes of the body, or does what the body says.
SOURCE = """
import json, threading
def handler(event, context):
    body = event["body"] or ""
    if body == "wait":
        threading.Event().wait(20)
    if body == "raise":
        raise ValueError("secret")
    if body == "garbled":
        return {"answer": 42}
    if body == "large":
        return {"statusCode": 200, "body": "x" * 6291556}
    return {"statusCode": 200, "body": str(len(body))}
"""
PATH = "/things"


@dataclass(frozen=True, kw_only=True)
class RestApi:
    """A deployed API.

    Attributes:
        aws: The emulator.
        stack: Its stack, whose parameters configure it.
        url: URL of its one method.
        id: Its id.
        plan: Id of its usage plan.
        key: Value of its API key.
        function: Name of the function behind it.
    """

    aws: LocalAws
    stack: str
    url: str
    id: str
    plan: str
    key: str
    function: str

    def post(self, body: bytes = b"{}", *, content_type: str = "application/json") -> Any:
        """Posts a body; the response has status, headers and data."""
        headers = {"content-type": content_type, "x-api-key": self.key}
        return urllib3.request("POST", self.url, body=body, headers=headers, timeout=60, retries=False)


def template(
    *,
    method: dict[str, Any] | None = None,
    integration: dict[str, Any] | None = None,
    settings: list[dict[str, Any]] | None = None,
    plan: dict[str, Any] | None = None,
    throttle: dict[str, Any] | None = None,
    responses: dict[str, Any] | None = None,
) -> str:
    """A template of one API with one method, which needs an API key.

    Args:
        method: More properties of the method.
        integration: More properties of its integration.
        settings: Method settings of the stage.
        plan: More properties of the usage plan.
        throttle: Throttles of methods in the usage plan.
        responses: Gateway responses, type -> properties.
    """
    api = {"Ref": "Api"}
    function = {
        "Runtime": "python3.14",
        "Handler": "index.handler",
        "Role": ROLE,
        "Timeout": 30,
        "Code": {"ZipFile": SOURCE},
    }
    invocations = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Function.Arn}/invocations"
    resources = {
        "Function": ("Lambda::Function", function),
        "Permission": (
            "Lambda::Permission",
            {
                "Action": "lambda:InvokeFunction",
                "FunctionName": {"Fn::GetAtt": ["Function", "Arn"]},
                "Principal": "apigateway.amazonaws.com",
            },
        ),
        "Api": ("ApiGateway::RestApi", {"Name": "any"}),
        "Resource": (
            "ApiGateway::Resource",
            {
                "RestApiId": api,
                "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
                "PathPart": PATH.strip("/"),
            },
        ),
        "Validator": (
            "ApiGateway::RequestValidator",
            {"RestApiId": api, "ValidateRequestBody": True, "ValidateRequestParameters": True},
        ),
        "Model": (
            "ApiGateway::Model",
            {"RestApiId": api, "ContentType": "application/json", "Schema": {"type": "object"}},
        ),
        "Method": (
            "ApiGateway::Method",
            {
                "RestApiId": api,
                "ResourceId": {"Ref": "Resource"},
                "HttpMethod": "POST",
                "AuthorizationType": "NONE",
                "ApiKeyRequired": True,
                "Integration": {
                    "Type": "AWS_PROXY",
                    "IntegrationHttpMethod": "POST",
                    "Uri": {"Fn::Sub": invocations},
                    **(integration or {}),
                },
                **(method or {}),
            },
        ),
        "Deployment": ("ApiGateway::Deployment", {"RestApiId": api}),
        "Stage": (
            "ApiGateway::Stage",
            {
                "RestApiId": api,
                "DeploymentId": {"Ref": "Deployment"},
                "StageName": "v1",
                "MethodSettings": settings or [],
            },
        ),
        "Key": ("ApiGateway::ApiKey", {"Enabled": True}),
        "Plan": (
            "ApiGateway::UsagePlan",
            {
                "ApiStages": [{"ApiId": api, "Stage": {"Ref": "Stage"}, "Throttle": throttle or {}}],
                **(plan or {}),
            },
        ),
        "PlanKey": (
            "ApiGateway::UsagePlanKey",
            {"KeyId": {"Ref": "Key"}, "KeyType": "API_KEY", "UsagePlanId": {"Ref": "Plan"}},
        ),
        **{
            f"Response{number}": (
                "ApiGateway::GatewayResponse",
                {"RestApiId": api, "ResponseType": kind, **more},
            )
            for number, (kind, more) in enumerate((responses or {}).items())
        },
    }
    order = [name for name in resources if name.startswith(("Method", "Response", "Permission"))]
    written = {
        name: {"Type": f"AWS::{kind}", "Properties": properties}
        | ({"DependsOn": order} if name == "Deployment" else {})
        for name, (kind, properties) in resources.items()
    }
    outputs = {name: {"Value": {"Ref": name}} for name in ("Api", "Key", "Plan", "Function")}
    return json.dumps({"Resources": written, "Outputs": outputs})


def deploy(aws: LocalAws, stack: str, **options: Any) -> RestApi:
    """Deploys the template with these options."""
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName=stack, TemplateBody=template(**options))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=PATIENT_WAITER)
    [described] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    key = aws.client("apigateway").get_api_key(apiKey=outputs["Key"], includeValue=True)["value"]
    return RestApi(
        aws=aws,
        stack=stack,
        url=f"{aws.url}/restapis/{outputs['Api']}/v1/_user_request_{PATH}",
        id=outputs["Api"],
        plan=outputs["Plan"],
        key=key,
        function=outputs["Function"],
    )
