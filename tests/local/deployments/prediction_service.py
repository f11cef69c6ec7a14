"""Templates of small prediction services, and their deployment."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from local.local_aws import LocalAws
from tests.local.iam.roles import FUNCTION_ROLE
from tests.local.polling import PATIENT_WAITER

EXAMPLE = {"x": 1}
_FUNCTION = """
import json

def handler(event, context):
    if event["httpMethod"] == "GET":
        return {"statusCode": 200, "body": DESCRIPTION}
    body = json.loads(event["body"])
    status = body.get("status", 200)
    answers = {
        200: {"predictions": [body]},
        422: {"title": "Wrong rows", "detail": "row 0 is wrong", "errors": [{"row": 0, "field": "x"}]},
        500: ["a list"],
    }
    return {"statusCode": status, "body": json.dumps(answers[status])}
"""


def description(examples: dict[str, Any]) -> str:
    """Returns the OpenAPI document of the example row of each path."""
    return json.dumps(
        {
            "paths": {
                path: {
                    "post": {
                        "requestBody": {
                            "content": {"application/json": {"examples": {"one_row": {"value": row}}}}
                        }
                    }
                }
                for path, row in examples.items()
            }
        }
    )


def code(document: str) -> dict[str, str]:
    """Returns the code of a function that answers GET with a document."""
    return {"ZipFile": f"DESCRIPTION = {document!r}\n{_FUNCTION}"}


def service(example: dict[str, Any] | None = EXAMPLE) -> dict[str, Any]:
    """Returns the template of a minimal service: POST /predict with an API key, and GET /openapi.json."""
    lambda_uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Function.Arn}/invocations"
    integration = {
        "Type": "AWS_PROXY",
        "IntegrationHttpMethod": "POST",
        "Uri": {"Fn::Sub": lambda_uri},
    }
    return {
        "Resources": {
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Runtime": "python3.13",
                    "Handler": "index.handler",
                    "Role": FUNCTION_ROLE,
                    "Timeout": 60,
                    "Code": code(description({"/predict": example} if example else {})),
                },
            },
            "Permission": {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "Action": "lambda:InvokeFunction",
                    "FunctionName": {"Ref": "Function"},
                    "Principal": "apigateway.amazonaws.com",
                },
            },
            "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "api"}},
            "Predict": {
                "Type": "AWS::ApiGateway::Resource",
                "Properties": {
                    "RestApiId": {"Ref": "Api"},
                    "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
                    "PathPart": "predict",
                },
            },
            "Method": {
                "Type": "AWS::ApiGateway::Method",
                "Properties": {
                    "RestApiId": {"Ref": "Api"},
                    "ResourceId": {"Ref": "Predict"},
                    "HttpMethod": "POST",
                    "AuthorizationType": "NONE",
                    "ApiKeyRequired": True,
                    "Integration": integration,
                },
            },
            "Description": {
                "Type": "AWS::ApiGateway::Resource",
                "Properties": {
                    "RestApiId": {"Ref": "Api"},
                    "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
                    "PathPart": "openapi.json",
                },
            },
            "Describe": {
                "Type": "AWS::ApiGateway::Method",
                "Properties": {
                    "RestApiId": {"Ref": "Api"},
                    "ResourceId": {"Ref": "Description"},
                    "HttpMethod": "GET",
                    "AuthorizationType": "NONE",
                    "Integration": integration,
                },
            },
            "Deployed": {
                "Type": "AWS::ApiGateway::Deployment",
                "DependsOn": ["Method", "Describe"],
                "Properties": {"RestApiId": {"Ref": "Api"}},
            },
            "Stage": {
                "Type": "AWS::ApiGateway::Stage",
                "Properties": {
                    "RestApiId": {"Ref": "Api"},
                    "DeploymentId": {"Ref": "Deployed"},
                    "StageName": "v1",
                },
            },
            "Key": {"Type": "AWS::ApiGateway::ApiKey", "Properties": {"Enabled": True}},
            "Plan": {
                "Type": "AWS::ApiGateway::UsagePlan",
                "Properties": {"ApiStages": [{"ApiId": {"Ref": "Api"}, "Stage": {"Ref": "Stage"}}]},
            },
            "PlanKey": {
                "Type": "AWS::ApiGateway::UsagePlanKey",
                "Properties": {
                    "KeyId": {"Ref": "Key"},
                    "KeyType": "API_KEY",
                    "UsagePlanId": {"Ref": "Plan"},
                },
            },
        },
        "Outputs": {
            "PredictUrl": {
                "Value": {
                    "Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}/predict"
                }
            },
            "ApiKeyId": {"Value": {"Ref": "Key"}},
        },
    }


def multi_model_service() -> dict[str, Any]:
    """Returns the template of a service with two models; each has its own route and output."""
    template = service()
    resources = template["Resources"]
    rows = {f"/{name}/predict": {"of": name} for name in ("one_model", "other")}
    resources["Function"]["Properties"]["Code"] = code(description(rows))
    method = resources.pop("Method")["Properties"]
    predict = resources.pop("Predict")["Properties"]
    url = "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}/%s/predict"
    for prefix, name in {"OneModel": "one_model", "Other": "other"}.items():
        folder = {**predict, "PathPart": name}
        resources[prefix] = {"Type": "AWS::ApiGateway::Resource", "Properties": folder}
        subfolder = {**predict, "ParentId": {"Ref": prefix}}
        resources[f"{prefix}Predict"] = {"Type": "AWS::ApiGateway::Resource", "Properties": subfolder}
        route = {**method, "ResourceId": {"Ref": f"{prefix}Predict"}}
        resources[f"{prefix}Method"] = {"Type": "AWS::ApiGateway::Method", "Properties": route}
        template["Outputs"][f"PredictUrl{prefix}"] = {"Value": {"Fn::Sub": url % name}}
    resources["Deployed"]["DependsOn"] = ["OneModelMethod", "OtherMethod", "Describe"]
    del template["Outputs"]["PredictUrl"]
    return template


def deployed(aws: LocalAws, name: str, template: dict[str, Any]) -> Iterator[str]:
    client = aws.client("cloudformation")
    client.create_stack(StackName=name, TemplateBody=json.dumps(template))
    client.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=PATIENT_WAITER)
    aws.outputs.write_text(json.dumps({name: {}}))
    yield name
    with suppress(FileNotFoundError):
        aws.outputs.unlink()
    client.delete_stack(StackName=name)
