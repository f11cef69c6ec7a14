"""Templates of small prediction services: a function with fixed responses behind a REST API."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from local.local_aws import LocalAws
from tests.local.iam.roles import FUNCTION_ROLE, make_execution_roles
from tests.local.polling import PATIENT_WAITER

_HANDLER = """
import json, os

def handler(event, context):
    model = {"name": "tiny", "version": os.environ["VERSION"]}
    if event["httpMethod"] == "GET":
        return {"statusCode": 200, "body": json.dumps({"status": "ok", "model": model})}
    prediction = {"label": "yes", "probability": 0.50004}
    return {"statusCode": 200, "body": json.dumps({"predictions": [prediction], "model": model})}
"""
_HANDLER_OF_SEVERAL = """
import json, os

def handler(event, context):
    versions = json.loads(os.environ["VERSION"])
    if event["httpMethod"] == "GET":
        models = {name: {"version": version} for name, version in versions.items()}
        return {"statusCode": 200, "body": json.dumps({"status": "ok", "models": models})}
    name = event["resource"].split("/")[1]
    prediction = {"label": "yes", "probability": 0.5}
    model = {"name": name, "version": versions[name]}
    return {"statusCode": 200, "body": json.dumps({"predictions": [prediction], "model": model})}
"""
_LAMBDA_URI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Function.Arn}/invocations"
_API_URL = "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}"


_BY_KEY = {"AuthorizationType": "NONE", "ApiKeyRequired": True}
_ROOT = {"Fn::GetAtt": ["Api", "RootResourceId"]}


def service(*, version: str, auth: str = "key") -> dict[str, Any]:
    """Returns the template of a stack without SageMaker; `auth` is `key` or `iam`."""
    predict = _BY_KEY if auth == "key" else {"AuthorizationType": "AWS_IAM"}
    outputs = {
        "PredictUrl": {"Fn::Sub": f"{_API_URL}/predict"},
        "HealthUrl": {"Fn::Sub": f"{_API_URL}/health"},
        "EndpointName": {"Ref": "Function"},
        "ModelVersion": version,
    } | ({"ApiKeyId": {"Ref": "Key"}} if auth == "key" else {})
    return {
        "Resources": {
            "Function": _function(version),
            **_alias(),
            "Permission": _permission(),
            "Api": _resource("ApiGateway::RestApi", Name="api"),
            **_route("Predict", "POST", **predict),
            **_route("Health", "GET", AuthorizationType="NONE"),
            **_stage(["PredictMethod", "HealthMethod"]),
            **_key(),
        },
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }


def service_of_several(*, versions: Mapping[str, str], expected: Mapping[str, str]) -> dict[str, Any]:
    """Returns the template of a stack with several models.

    Args:
        versions: Version in the responses, by model name.
        expected: Version in the outputs of the stack, by model name.
    """
    routes: dict[str, Any] = {}
    outputs: dict[str, Any] = {
        "HealthUrl": {"Fn::Sub": f"{_API_URL}/health"},
        "EndpointName": {"Ref": "Function"},
    }
    for name, version in expected.items():
        prefix = name.title().replace("_", "")
        routes[prefix] = _api_resource(name, parent=_ROOT)
        routes |= _route(f"{prefix}Predict", "POST", part="predict", parent={"Ref": prefix}, **_BY_KEY)
        outputs[f"PredictUrl{prefix}"] = {"Fn::Sub": f"{_API_URL}/{name}/predict"}
        outputs[f"ModelVersion{prefix}"] = version
    methods = [name for name in routes if name.endswith("Method")]
    return {
        "Resources": {
            "Function": _function(json.dumps(versions), _HANDLER_OF_SEVERAL),
            **_alias(),
            "Permission": _permission(),
            "Api": _resource("ApiGateway::RestApi", Name="api"),
            **routes,
            **_route("Health", "GET", AuthorizationType="NONE"),
            **_stage([*methods, "HealthMethod"]),
            **_key(),
        },
        "Outputs": {
            name: {"Value": value} for name, value in {**outputs, "ApiKeyId": {"Ref": "Key"}}.items()
        },
    }


@contextmanager
def deployed(aws: LocalAws, template: dict[str, Any]) -> Iterator[str]:
    """Deploys a stack; yields the URL of its API on this machine."""
    make_execution_roles(aws)
    client = aws.client("cloudformation")
    client.create_stack(StackName="Small", TemplateBody=json.dumps(template))
    client.get_waiter("stack_create_complete").wait(StackName="Small", WaiterConfig=PATIENT_WAITER)
    [resource] = client.describe_stack_resources(StackName="Small", LogicalResourceId="Api")["StackResources"]
    try:
        yield f"{aws.url}/restapis/{resource['PhysicalResourceId']}/v1/_user_request_"
    finally:
        client.delete_stack(StackName="Small")
        client.get_waiter("stack_delete_complete").wait(StackName="Small", WaiterConfig=PATIENT_WAITER)


def _function(version: str, handler: str = _HANDLER) -> dict[str, Any]:
    url = {
        "Fn::Join": ["", ["s3://", {"Fn::GetAtt": ["Api", "RootResourceId"]}, "/models/tiny/model.tar.gz"]]
    }
    return _resource(
        "Lambda::Function",
        Runtime="python3.13",
        Handler="index.handler",
        Role=FUNCTION_ROLE,
        Code={"ZipFile": handler},
        Environment={"Variables": {"VERSION": version, "MODEL_DATA_URL": url}},
    )


def _alias() -> dict[str, Any]:
    function = {"Ref": "Function"}
    version = _resource("Lambda::Version", FunctionName=function)
    number = {"Fn::GetAtt": ["Version", "Version"]}
    return {
        "Version": version,
        "Alias": _resource("Lambda::Alias", FunctionName=function, FunctionVersion=number, Name="live"),
    }


def _permission() -> dict[str, Any]:
    """Lets the API call the function."""
    return _resource(
        "Lambda::Permission",
        Action="lambda:InvokeFunction",
        FunctionName={"Fn::GetAtt": ["Function", "Arn"]},
        Principal="apigateway.amazonaws.com",
        SourceArn={"Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"},
    )


def _route(
    name: str, verb: str, *, part: str = "", parent: dict[str, Any] = _ROOT, **properties: Any
) -> dict[str, Any]:
    return {
        name: _api_resource(part or name.lower(), parent=parent),
        f"{name}Method": _resource(
            "ApiGateway::Method",
            RestApiId={"Ref": "Api"},
            ResourceId={"Ref": name},
            HttpMethod=verb,
            Integration={
                "Type": "AWS_PROXY",
                "IntegrationHttpMethod": "POST",
                "Uri": {"Fn::Sub": _LAMBDA_URI},
            },
            **properties,
        ),
    }


def _api_resource(part: str, *, parent: dict[str, Any]) -> dict[str, Any]:
    return _resource("ApiGateway::Resource", RestApiId={"Ref": "Api"}, ParentId=parent, PathPart=part)


def _stage(methods: Sequence[str]) -> dict[str, Any]:
    api = {"Ref": "Api"}
    deployment = _resource("ApiGateway::Deployment", RestApiId=api)
    return {
        "Deployment": deployment | {"DependsOn": [*methods]},
        "Stage": _resource(
            "ApiGateway::Stage", RestApiId=api, DeploymentId={"Ref": "Deployment"}, StageName="v1"
        ),
    }


def _key() -> dict[str, Any]:
    stages = [{"ApiId": {"Ref": "Api"}, "Stage": {"Ref": "Stage"}}]
    return {
        "Key": _resource("ApiGateway::ApiKey", Enabled=True),
        "Plan": _resource("ApiGateway::UsagePlan", ApiStages=stages),
        "PlanKey": _resource(
            "ApiGateway::UsagePlanKey",
            KeyId={"Ref": "Key"},
            KeyType="API_KEY",
            UsagePlanId={"Ref": "Plan"},
        ),
    }


def _resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}
