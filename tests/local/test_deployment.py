"""A deployed service: its invoke URL as this machine reaches it, its key, its example row, its answers."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from local import deployment
from local.aws import LocalAws
from local.deployment import Deployment
from local.errors import NothingDeployedError, PredictionError

_FUNCTION = """
import json

def handler(event, context):
    body = json.loads(event["body"])
    status = body.get("status", 200)
    answers = {
        200: {"predictions": [body]},
        422: {"title": "Wrong rows", "detail": "row 0 is wrong", "errors": [{"row": 0, "field": "x"}]},
        500: ["a list"],
    }
    return {"statusCode": status, "body": json.dumps(answers[status])}
"""


def service(example: str | None = '{"x":1}') -> dict[str, Any]:
    """A stack with what local/ needs of a prediction service: a keyed POST /predict, and the outputs."""
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
                    "Role": "arn:aws:iam::000000000000:role/any",
                    "Code": {"ZipFile": _FUNCTION},
                    "Environment": {"Variables": {"HEALTH_INSTANCE": example} if example else {}},
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
            "Deployed": {
                "Type": "AWS::ApiGateway::Deployment",
                "DependsOn": ["Method"],
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


def several_services() -> dict[str, Any]:
    """The same with two models, each with a route and an output of its own."""
    template = service()
    resources = template["Resources"]
    rows = {name: {"version": "1", "instance": {"of": name}} for name in ("one_model", "other")}
    resources["Function"]["Properties"]["Environment"] = {"Variables": {"MODELS": json.dumps(rows)}}
    method = resources.pop("Method")["Properties"]
    predict = resources.pop("Predict")["Properties"]
    url = "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}/%s/predict"
    for mark, name in {"OneModel": "one_model", "Other": "other"}.items():
        folder = {**predict, "PathPart": name}
        resources[mark] = {"Type": "AWS::ApiGateway::Resource", "Properties": folder}
        below = {**predict, "ParentId": {"Ref": mark}}
        resources[f"{mark}Predict"] = {"Type": "AWS::ApiGateway::Resource", "Properties": below}
        asked = {**method, "ResourceId": {"Ref": f"{mark}Predict"}}
        resources[f"{mark}Method"] = {"Type": "AWS::ApiGateway::Method", "Properties": asked}
        template["Outputs"][f"PredictUrl{mark}"] = {"Value": {"Fn::Sub": url % name}}
    resources["Deployed"]["DependsOn"] = ["OneModelMethod", "OtherMethod"]
    del template["Outputs"]["PredictUrl"]
    return template


def deployed(aws: LocalAws, name: str, template: dict[str, Any]) -> Iterator[str]:
    client = aws.client("cloudformation")
    client.create_stack(StackName=name, TemplateBody=json.dumps(template))
    client.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 0.1})
    aws.outputs.write_text(json.dumps({name: {}}))
    yield name
    with suppress(FileNotFoundError):
        aws.outputs.unlink()
    client.delete_stack(StackName=name)


@pytest.fixture(scope="module")
def some_model(aws: LocalAws) -> Iterator[str]:
    yield from deployed(aws, "SomeModel", service())


@pytest.fixture(scope="module")
def several_models(aws: LocalAws) -> Iterator[str]:
    yield from deployed(aws, "OneModelOther", several_services())


@pytest.fixture
def found(aws: LocalAws, some_model: str) -> Deployment:
    return deployment.find(aws, model=some_model)


def test_a_prediction_goes_through_the_invoke_url(found: Deployment) -> None:
    assert json.loads(found.predict('{"x":7}')) == {"predictions": [{"x": 7}]}


def test_the_invoke_url_is_of_this_machine(found: Deployment, aws: LocalAws) -> None:
    api = found.outputs["PredictUrl"].removeprefix("https://").split(".")[0]

    assert found.url == f"{aws.url}/restapis/{api}/v1/_user_request_/predict"


def test_the_example_row_is_the_one_the_service_checks_its_health_with(found: Deployment) -> None:
    assert found.example == '{"x":1}'


def test_a_service_without_an_example_row_asks_for_one(aws: LocalAws) -> None:
    for name in deployed(aws, "NoExample", service(example=None)):
        with pytest.raises(NothingDeployedError, match="--row"):
            _ = deployment.find(aws, model=name).example


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_command_works_as_it_is_printed(found: Deployment) -> None:
    printed = found.curl('{"x":"it\'s"}')

    answer = subprocess.run(["bash", "-c", printed], capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == {"predictions": [{"x": "it's"}]}


def test_an_error_is_told_with_its_detail_and_its_rows(found: Deployment) -> None:
    with pytest.raises(PredictionError, match=r'^422 .*: row 0 is wrong\n\{"row": 0, "field": "x"\}$'):
        found.predict('{"status":422}')


def test_an_error_of_another_shape_is_told_as_it_is(found: Deployment) -> None:
    with pytest.raises(PredictionError, match=r'^500 .*: \["a list"\]$'):
        found.predict('{"status":500}')


def test_a_key_of_no_plan_is_told(found: Deployment) -> None:
    key = found.aws.client("apigateway").create_api_key(enabled=True)["id"]
    unknown = Deployment(aws=found.aws, stack=found.stack, outputs={**found.outputs, "ApiKeyId": key})

    with pytest.raises(PredictionError, match=r"^403 .*Forbidden"):
        unknown.predict("{}")


def test_the_last_deployment_is_the_one_that_is_meant(aws: LocalAws, some_model: str) -> None:
    aws.outputs.write_text(json.dumps({some_model: {}}))

    assert deployment.find(aws).stack == some_model


@pytest.mark.parametrize("model", ["some_model", "some-model", "SomeModel"])
@pytest.mark.usefixtures("some_model")
def test_a_model_is_found_by_its_name(aws: LocalAws, model: str) -> None:
    assert deployment.find(aws, model=model).stack == "SomeModel"


def test_a_model_that_is_not_deployed_is_named(aws: LocalAws) -> None:
    with pytest.raises(NothingDeployedError, match=r"No model other is deployed .*make run"):
        deployment.find(aws, model="other")


@pytest.mark.parametrize("outputs", [None, "{}", '{"GoneSince": {}}'])
def test_nothing_deployed_says_what_to_do(aws: LocalAws, outputs: str | None) -> None:
    aws.outputs.unlink(missing_ok=True)
    if outputs is not None:
        aws.outputs.write_text(outputs)

    with pytest.raises(NothingDeployedError, match=r"Nothing is deployed .*make run"):
        deployment.find(aws)


@pytest.mark.parametrize(
    ("model", "meant"),
    [("one_model", "one_model"), ("other", "other"), ("one_model,other", "one_model"), (None, "one_model")],
)
def test_of_several_models_each_is_found_in_their_stack_or_the_first(
    aws: LocalAws, several_models: str, model: str | None, meant: str
) -> None:
    aws.outputs.write_text(json.dumps({several_models: {}}))

    found = deployment.find(aws, model=model)

    assert (found.stack, found.models, found.model) == (several_models, ["one_model", "other"], meant)
    assert found.url == f"{found.api_url}/{meant}/predict"
    assert json.loads(found.example) == {"of": meant}
    assert json.loads(found.predict(found.example)) == {"predictions": [{"of": meant}]}


def test_a_stack_of_the_model_alone_is_meant_before_one_of_several(
    aws: LocalAws, several_models: str
) -> None:
    for name in deployed(aws, "Other", service()):
        assert deployment.find(aws, model="other").stack == name
    assert deployment.find(aws, model="other").stack == several_models
