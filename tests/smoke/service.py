"""A prediction service in miniature, as a template: a function that answers as told behind a REST API."""

from typing import Any

_HANDLER = """
import json, os

def handler(event, context):
    model = {"name": "tiny", "version": os.environ["VERSION"]}
    if event["httpMethod"] == "GET":
        return {"statusCode": 200, "body": json.dumps({"status": "ok", "model": model})}
    prediction = {"label": "yes", "probability": 0.50004}
    return {"statusCode": 200, "body": json.dumps({"predictions": [prediction], "model": model})}
"""
_LAMBDA_URI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Function.Arn}/invocations"
_API_URL = "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}"


def service(*, version: str, auth: str = "key") -> dict[str, Any]:
    """The template of a stack without SageMaker, asked with a key or, with auth iam, with a signature."""
    by_key = {"AuthorizationType": "NONE", "ApiKeyRequired": True}
    predict = by_key if auth == "key" else {"AuthorizationType": "AWS_IAM"}
    outputs = {
        "PredictUrl": {"Fn::Sub": f"{_API_URL}/predict"},
        "HealthUrl": {"Fn::Sub": f"{_API_URL}/health"},
        "EndpointName": {"Ref": "Function"},
        "ModelVersion": version,
    } | ({"ApiKeyId": {"Ref": "Key"}} if auth == "key" else {})
    return {
        "Resources": {
            "Function": _function(version),
            "Api": _resource("ApiGateway::RestApi", Name="api"),
            **_route("Predict", "POST", **predict),
            **_route("Health", "GET", AuthorizationType="NONE"),
            **_stage(),
            **_key(),
        },
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }


def _function(version: str) -> dict[str, Any]:
    url = {
        "Fn::Join": ["", ["s3://", {"Fn::GetAtt": ["Api", "RootResourceId"]}, "/models/tiny/model.tar.gz"]]
    }
    return _resource(
        "Lambda::Function",
        Runtime="python3.13",
        Handler="index.handler",
        Role="arn:aws:iam::000000000000:role/any",
        Code={"ZipFile": _HANDLER},
        Environment={"Variables": {"VERSION": version, "MODEL_DATA_URL": url}},
    )


def _route(name: str, verb: str, **properties: Any) -> dict[str, Any]:
    return {
        name: _resource(
            "ApiGateway::Resource",
            RestApiId={"Ref": "Api"},
            ParentId={"Fn::GetAtt": ["Api", "RootResourceId"]},
            PathPart=name.lower(),
        ),
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


def _stage() -> dict[str, Any]:
    api = {"Ref": "Api"}
    deployment = _resource("ApiGateway::Deployment", RestApiId=api)
    return {
        "Deployment": deployment | {"DependsOn": ["PredictMethod", "HealthMethod"]},
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
