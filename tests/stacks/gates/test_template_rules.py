from collections.abc import Mapping
from typing import Any

import pytest

from stacks.gates.template_resources import Template
from stacks.gates.template_rules import RULES, Finding

Resources = Mapping[str, Mapping[str, Any]]
PROVISIONED = {"ModelName": {"Fn::GetAtt": ["Model", "ModelName"]}, "InstanceType": "ml.m5.large"}
SERVERLESS = {"ModelName": {"Fn::GetAtt": ["Model", "ModelName"]}, "ServerlessConfig": {"MaxConcurrency": 5}}
SAFE_UPDATE = {
    "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "CANARY"}},
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "Errors"}]},
}
SAGEMAKER = {
    "Effect": "Allow",
    "Action": "sts:AssumeRole",
    "Principal": {"Service": "sagemaker.amazonaws.com"},
}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def endpoint(variant: Mapping[str, Any], *, model: Mapping[str, Any], **properties: Any) -> Resources:
    return {
        "Model": resource("SageMaker::Model", **model),
        "Config": resource("SageMaker::EndpointConfig", ProductionVariants=[variant]),
        "Endpoint": resource(
            "SageMaker::Endpoint",
            EndpointConfigName={"Fn::GetAtt": ["Config", "EndpointConfigName"]},
            **properties,
        ),
    }


def instances(count: int, **properties: Any) -> Resources:
    return endpoint(PROVISIONED | {"InitialInstanceCount": count}, model={}, **properties)


def observed(is_detailed: bool) -> Resources:
    return {
        "Config": resource(
            "SageMaker::EndpointConfig",
            ProductionVariants=[PROVISIONED],
            MetricsConfig={"EnableDetailedObservability": is_detailed},
        )
    }


def rolled_back(*granted: str) -> Resources:
    """An endpoint that rolls back on the alarm Errors, whose execution role may describe the granted ones."""
    statement = {
        "Effect": "Allow",
        "Action": "cloudwatch:DescribeAlarms",
        "Resource": [{"Fn::GetAtt": [name, "Arn"]} for name in granted],
    }
    return {
        **endpoint(
            PROVISIONED,
            model={"ExecutionRoleArn": {"Fn::GetAtt": ["Role", "Arn"]}},
            DeploymentConfig={"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": {"Ref": "Errors"}}]}},
        ),
        "Policy": resource("IAM::Policy", Roles=[{"Ref": "Role"}], PolicyDocument={"Statement": [statement]}),
    }


def rolled_back_by_name(granted: str) -> Resources:
    """The same with an alarm whose name has that of the configuration; the role may describe a pattern."""
    name = {"Fn::Join": ["", ["Tiny-endpoint-", {"Fn::GetAtt": ["Config", "EndpointConfigName"]}, "-Errors"]]}
    arn = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":cloudwatch:eu-west-1:1:alarm:{granted}"]]}
    found = rolled_back()
    found["Policy"]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"] = arn
    return {**found, "Errors": resource("CloudWatch::Alarm", AlarmName=name)}


def route(verb: str, **properties: Any) -> Resources:
    return {
        "Route": resource("ApiGateway::Method", HttpMethod=verb, **properties),
        "Validator": resource("ApiGateway::RequestValidator", ValidateRequestBody=True),
    }


def trust(**condition: Any) -> Resources:
    document = {"Statement": [SAGEMAKER | ({"Condition": condition} if condition else {})]}
    return {"Role": resource("IAM::Role", AssumeRolePolicyDocument=document)}


def found(rule: str, resources: Resources) -> list[Finding]:
    return list(RULES[rule].check(Template(resources)))


def path(verb: str, resource_id: str) -> dict[str, Any]:
    return resource("ApiGateway::Method", HttpMethod=verb, ResourceId={"Ref": resource_id})


JSON_MODEL = {"application/json": "Row"}
VALIDATED = {"RequestValidatorId": {"Ref": "Validator"}}

BROKEN: list[tuple[str, Resources, str, str]] = [
    ("Isolation", endpoint(PROVISIONED, model={}), "Model", "EnableNetworkIsolation"),
    (
        "Isolation",
        endpoint(PROVISIONED, model={"EnableNetworkIsolation": False}),
        "Model",
        "EnableNetworkIsolation",
    ),
    ("Retained", instances(1), "Endpoint", "RetainAllVariantProperties"),
    (
        "Guardrail",
        instances(2, DeploymentConfig=SAFE_UPDATE | {"AutoRollbackConfiguration": {"Alarms": []}}),
        "Endpoint",
        "DeploymentConfig/AutoRollbackConfiguration",
    ),
    (
        "Guardrail",
        instances(
            3,
            DeploymentConfig=SAFE_UPDATE
            | {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE"}}},
        ),
        "Endpoint",
        "DeploymentConfig/BlueGreenUpdatePolicy",
    ),
    ("Rollback", rolled_back("Latency"), "Model", "ExecutionRoleArn"),
    ("Rollback", rolled_back(), "Model", "ExecutionRoleArn"),
    ("Rollback", rolled_back_by_name("Other-endpoint-*"), "Model", "ExecutionRoleArn"),
    ("Rollback", rolled_back_by_name("Tiny-endpoint-"), "Model", "ExecutionRoleArn"),
    (
        "Rollback",
        instances(1, DeploymentConfig={"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "Errors"}]}}),
        "Model",
        "ExecutionRoleArn",
    ),
    ("Observability", instances(1), "Config", "MetricsConfig/EnableDetailedObservability"),
    ("Unnamed", {"Model": resource("SageMaker::Model", ModelName="mine")}, "Model", "ModelName"),
    (
        "Unnamed",
        {"Config": resource("SageMaker::EndpointConfig", EndpointConfigName="mine")},
        "Config",
        "EndpointConfigName",
    ),
    ("RequestModel", route("POST", RequestModels={"$default": "Row"}, **VALIDATED), "Route", "RequestModels"),
    (
        "RequestModel",
        route("POST", RequestModels=JSON_MODEL | {"$default": "Row"}, **VALIDATED),
        "Route",
        "RequestModels",
    ),
    ("RequestModel", route("PATCH", **VALIDATED), "Route", "RequestModels"),
    ("RequestModel", route("PUT", RequestModels=JSON_MODEL), "Route", "RequestValidatorId"),
    ("AnyMethod", {"Route": path("ANY", "Path")}, "Route", "HttpMethod"),
    (
        "AnyMethod",
        {"Route": path("ANY", "Path"), "Other": path("GET", "Elsewhere")},
        "Route",
        "HttpMethod",
    ),
    ("Trust", trust(), "Role", "AssumeRolePolicyDocument"),
    ("Trust", trust(StringEquals={"sts:ExternalId": "1"}), "Role", "AssumeRolePolicyDocument"),
    ("LogRetention", {"Log": resource("Logs::LogGroup")}, "Log", "RetentionInDays"),
    ("LogRetention", {"Code": resource("Lambda::Function")}, "Code", "LoggingConfig/LogGroup"),
]

KEPT: list[tuple[str, Resources]] = [
    ("Isolation", endpoint(PROVISIONED, model={"EnableNetworkIsolation": True})),
    ("Isolation", endpoint(SERVERLESS, model={})),
    ("Retained", instances(1, RetainAllVariantProperties=True)),
    ("Retained", endpoint(SERVERLESS, model={})),
    ("Guardrail", instances(1)),
    ("Guardrail", instances(2, DeploymentConfig=SAFE_UPDATE)),
    ("Rollback", rolled_back("Errors", "Latency")),
    ("Rollback", rolled_back_by_name("Tiny-endpoint-*")),
    ("Rollback", instances(1)),
    ("Observability", observed(False)),
    ("Observability", observed(True)),
    ("Observability", endpoint(SERVERLESS, model={})),
    ("Unnamed", endpoint(PROVISIONED, model={}, EndpointName="mine")),
    ("RequestModel", route("POST", RequestModels=JSON_MODEL, **VALIDATED)),
    ("RequestModel", route("GET")),
    ("AnyMethod", {"Route": path("ANY", "Path"), "Other": path("GET", "Path")}),
    ("AnyMethod", {"Route": path("GET", "Path")}),
    ("Trust", trust(ArnLike={"aws:SourceArn": "arn:aws:sagemaker:*"})),
    ("Trust", trust(StringEquals={"aws:SourceAccount": "1"})),
    (
        "LogRetention",
        {
            "Log": resource("Logs::LogGroup", RetentionInDays=30),
            "Code": resource("Lambda::Function", LoggingConfig={"LogGroup": {"Ref": "Log"}}),
        },
    ),
]


@pytest.mark.parametrize(("rule", "resources", "logical_id", "property"), BROKEN)
def test_a_violation_names_resource_and_property(
    rule: str, resources: Resources, logical_id: str, property: str
) -> None:
    assert Finding(logical_id, property) in found(rule, resources)


@pytest.mark.parametrize(("rule", "resources"), KEPT)
def test_a_rule_without_a_violation_has_no_finding(rule: str, resources: Resources) -> None:
    assert found(rule, resources) == []


def test_every_rule_is_tested_with_and_without_a_violation() -> None:
    assert {rule for rule, *_ in BROKEN} == {rule for rule, _ in KEPT} == set(RULES)
