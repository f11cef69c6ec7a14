"""What no public rule set knows of a stack like this one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stacks.gates.template import Properties, Template, target_id

_BODIES = ("POST", "PUT", "PATCH")
_SOURCES = ("aws:SourceArn", "aws:SourceAccount")


@dataclass(frozen=True)
class Finding:
    """One resource that breaks a rule.

    Attributes:
        logical_id: The resource's.
        property: Which of its properties, with slashes.
    """

    logical_id: str
    property: str


@dataclass(frozen=True)
class Rule:
    """A rule: what it says, and how it is checked."""

    sentence: str
    check: Callable[[Template], Iterator[Finding]]


def _isolation(template: Template) -> Iterator[Finding]:
    for _, config in template.all("AWS::SageMaker::EndpointConfig"):
        for variant in _on_instances(config):
            logical_id, model = template.target(variant.get("ModelName"))
            if logical_id and model.get("EnableNetworkIsolation") is not True:
                yield Finding(logical_id, "EnableNetworkIsolation")


def _guardrail(template: Template) -> Iterator[Finding]:
    for logical_id, endpoint, variants in _endpoints_on_instances(template):
        if sum(variant.get("InitialInstanceCount", 0) for variant in variants) < 2:
            continue
        deployment = endpoint.get("DeploymentConfig", {})
        routing = deployment.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
        if routing.get("Type") != "CANARY":
            yield Finding(logical_id, "DeploymentConfig/BlueGreenUpdatePolicy")
        if not deployment.get("AutoRollbackConfiguration", {}).get("Alarms"):
            yield Finding(logical_id, "DeploymentConfig/AutoRollbackConfiguration")


def _retained(template: Template) -> Iterator[Finding]:
    for logical_id, endpoint, _ in _endpoints_on_instances(template):
        if endpoint.get("RetainAllVariantProperties") is not True:
            yield Finding(logical_id, "RetainAllVariantProperties")


def _unnamed(template: Template) -> Iterator[Finding]:
    for kind in ("Model", "EndpointConfig"):
        for logical_id, properties in template.all(f"AWS::SageMaker::{kind}"):
            if f"{kind}Name" in properties:
                yield Finding(logical_id, f"{kind}Name")


def _request_model(template: Template) -> Iterator[Finding]:
    for logical_id, method in template.all("AWS::ApiGateway::Method"):
        if method.get("HttpMethod") not in _BODIES:
            continue
        if list(method.get("RequestModels", {})) != ["application/json"]:
            yield Finding(logical_id, "RequestModels")
        _, validator = template.target(method.get("RequestValidatorId"))
        if validator.get("ValidateRequestBody") is not True:
            yield Finding(logical_id, "RequestValidatorId")


def _any_method(template: Template) -> Iterator[Finding]:
    methods = dict(template.all("AWS::ApiGateway::Method"))
    named = {
        target_id(method.get("ResourceId")) for method in methods.values() if method["HttpMethod"] != "ANY"
    }
    for logical_id, method in methods.items():
        if method["HttpMethod"] == "ANY" and target_id(method.get("ResourceId")) not in named:
            yield Finding(logical_id, "HttpMethod")


def _trust(template: Template) -> Iterator[Finding]:
    for logical_id, role in template.all("AWS::IAM::Role"):
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            if "Service" in statement.get("Principal", {}) and not _names_source(statement):
                yield Finding(logical_id, "AssumeRolePolicyDocument")


def _names_source(statement: Mapping[str, Any]) -> bool:
    operators = statement.get("Condition", {}).values()
    return any(source in operator for operator in operators for source in _SOURCES)


def _log_retention(template: Template) -> Iterator[Finding]:
    groups = dict(template.all("AWS::Logs::LogGroup"))
    for logical_id, group in groups.items():
        if not group.get("RetentionInDays"):
            yield Finding(logical_id, "RetentionInDays")
    for logical_id, function in template.all("AWS::Lambda::Function"):
        if target_id(function.get("LoggingConfig", {}).get("LogGroup")) not in groups:
            yield Finding(logical_id, "LoggingConfig/LogGroup")


def _on_instances(config: Properties) -> list[Mapping[str, Any]]:
    return [variant for variant in config.get("ProductionVariants", []) if "ServerlessConfig" not in variant]


def _endpoints_on_instances(
    template: Template,
) -> Iterator[tuple[str, Properties, list[Mapping[str, Any]]]]:
    for logical_id, endpoint in template.all("AWS::SageMaker::Endpoint"):
        _, config = template.target(endpoint.get("EndpointConfigName"))
        if variants := _on_instances(config):
            yield logical_id, endpoint, variants


RULES: Mapping[str, Rule] = {
    "Isolation": Rule("A model on instances runs without a network.", _isolation),
    "Guardrail": Rule(
        "An endpoint of two instances or more is updated by a canary that alarms roll back.", _guardrail
    ),
    "Retained": Rule("An update keeps the instances and weights that scaling has set.", _retained),
    "Unnamed": Rule(
        "Models and endpoint configurations have no names, or they could not be replaced.", _unnamed
    ),
    "RequestModel": Rule(
        "A model is for JSON bodies and no others: under $default CSV would be refused as wrong JSON.",
        _request_model,
    ),
    "AnyMethod": Rule(
        "ANY answers what is left of a path whose own method has a name, a key and a model.", _any_method
    ),
    "Trust": Rule(
        "A role that a service takes says for which account or resource the service takes it.", _trust
    ),
    "LogRetention": Rule("Every log ends: groups have a retention, functions a group.", _log_retention),
}
