"""The project's rules on templates, which no public rule set has."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stacks.gates.template_resources import ResourceProperties, Template, joined_parts, target_id

_METHODS_WITH_BODY = ("POST", "PUT", "PATCH")
_SOURCE_CONDITIONS = ("aws:SourceArn", "aws:SourceAccount")


@dataclass(frozen=True)
class Finding:
    """A resource that violates a rule.

    Attributes:
        logical_id: Logical id of the resource.
        property: Path of the property, with slashes.
    """

    logical_id: str
    property: str


@dataclass(frozen=True)
class Rule:
    """A rule: its sentence for reports, and its check, which yields the violations in a template."""

    sentence: str
    check: Callable[[Template], Iterator[Finding]]


def _check_isolation(template: Template) -> Iterator[Finding]:
    for _, config in template.all("AWS::SageMaker::EndpointConfig"):
        for variant in _on_instances(config):
            logical_id, model = template.target(variant.get("ModelName"))
            if logical_id and model.get("EnableNetworkIsolation") is not True:
                yield Finding(logical_id, "EnableNetworkIsolation")


def _check_guardrail(template: Template) -> Iterator[Finding]:
    for logical_id, endpoint, variants in _endpoints_on_instances(template):
        if sum(variant.get("InitialInstanceCount", 0) for variant in variants) < 2:
            continue
        deployment = endpoint.get("DeploymentConfig", {})
        routing = deployment.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
        if routing.get("Type") != "CANARY":
            yield Finding(logical_id, "DeploymentConfig/BlueGreenUpdatePolicy")
        if not deployment.get("AutoRollbackConfiguration", {}).get("Alarms"):
            yield Finding(logical_id, "DeploymentConfig/AutoRollbackConfiguration")


def _check_rollback(template: Template) -> Iterator[Finding]:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
    for _, endpoint, variants in _endpoints_on_instances(template):
        rollback = endpoint.get("DeploymentConfig", {}).get("AutoRollbackConfiguration", {})
        alarms = [template.target(alarm.get("AlarmName")) for alarm in rollback.get("Alarms", [])]
        for variant in variants:
            model_id, model = template.target(variant.get("ModelName"))
            role_id, _ = template.target(model.get("ExecutionRoleArn"))
            granted = [*template.granted(role_id, "cloudwatch:DescribeAlarms")]
            if not all(any(_is_of(alarm, arn) for arn in granted) for alarm in alarms):
                yield Finding(model_id, "ExecutionRoleArn")


def _is_of(alarm: tuple[str, ResourceProperties], arn: Any) -> bool:
    """Returns whether an ARN is that of an alarm, or a pattern of the beginning of its name."""
    logical_id, properties = alarm
    if logical_id and target_id(arn) == logical_id:
        return True
    pattern, name = joined_parts(arn)[-1], joined_parts(properties.get("AlarmName"))[0]
    if not (isinstance(pattern, str) and isinstance(name, str) and pattern.endswith("*")):
        return False
    return name.startswith(pattern.rpartition(":")[2].removesuffix("*"))


def _check_retained(template: Template) -> Iterator[Finding]:
    for logical_id, endpoint, _ in _endpoints_on_instances(template):
        if endpoint.get("RetainAllVariantProperties") is not True:
            yield Finding(logical_id, "RetainAllVariantProperties")


def _check_observability(template: Template) -> Iterator[Finding]:
    # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetricsConfig.html
    for logical_id, config in template.all("AWS::SageMaker::EndpointConfig"):
        decided = config.get("MetricsConfig", {}).get("EnableDetailedObservability")
        if _on_instances(config) and not isinstance(decided, bool):
            yield Finding(logical_id, "MetricsConfig/EnableDetailedObservability")


def _check_unnamed(template: Template) -> Iterator[Finding]:
    for kind in ("Model", "EndpointConfig"):
        for logical_id, properties in template.all(f"AWS::SageMaker::{kind}"):
            if f"{kind}Name" in properties:
                yield Finding(logical_id, f"{kind}Name")


def _check_request_model(template: Template) -> Iterator[Finding]:
    for logical_id, method in template.all("AWS::ApiGateway::Method"):
        if method.get("HttpMethod") not in _METHODS_WITH_BODY:
            continue
        if list(method.get("RequestModels", {})) != ["application/json"]:
            yield Finding(logical_id, "RequestModels")
        _, validator = template.target(method.get("RequestValidatorId"))
        if validator.get("ValidateRequestBody") is not True:
            yield Finding(logical_id, "RequestValidatorId")


def _check_any_method(template: Template) -> Iterator[Finding]:
    methods = dict(template.all("AWS::ApiGateway::Method"))
    named = {
        target_id(method.get("ResourceId")) for method in methods.values() if method["HttpMethod"] != "ANY"
    }
    for logical_id, method in methods.items():
        if method["HttpMethod"] == "ANY" and target_id(method.get("ResourceId")) not in named:
            yield Finding(logical_id, "HttpMethod")


def _check_trust(template: Template) -> Iterator[Finding]:
    for logical_id, role in template.all("AWS::IAM::Role"):
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            if "Service" in statement.get("Principal", {}) and not _has_source_condition(statement):
                yield Finding(logical_id, "AssumeRolePolicyDocument")


def _has_source_condition(statement: Mapping[str, Any]) -> bool:
    operators = statement.get("Condition", {}).values()
    return any(source in operator for operator in operators for source in _SOURCE_CONDITIONS)


def _check_log_retention(template: Template) -> Iterator[Finding]:
    groups = dict(template.all("AWS::Logs::LogGroup"))
    for logical_id, group in groups.items():
        if not group.get("RetentionInDays"):
            yield Finding(logical_id, "RetentionInDays")
    for logical_id, function in template.all("AWS::Lambda::Function"):
        if target_id(function.get("LoggingConfig", {}).get("LogGroup")) not in groups:
            yield Finding(logical_id, "LoggingConfig/LogGroup")


def _on_instances(config: ResourceProperties) -> list[Mapping[str, Any]]:
    return [variant for variant in config.get("ProductionVariants", []) if "ServerlessConfig" not in variant]


def _endpoints_on_instances(
    template: Template,
) -> Iterator[tuple[str, ResourceProperties, list[Mapping[str, Any]]]]:
    for logical_id, endpoint in template.all("AWS::SageMaker::Endpoint"):
        _, config = template.target(endpoint.get("EndpointConfigName"))
        if variants := _on_instances(config):
            yield logical_id, endpoint, variants


RULES: Mapping[str, Rule] = {
    "Isolation": Rule("A model on instances has network isolation.", _check_isolation),
    "Guardrail": Rule(
        "An endpoint of two or more instances is updated by a canary with automatic rollback on alarms.",
        _check_guardrail,
    ),
    "Rollback": Rule(
        "The execution role of a model may describe the alarms that roll back an update of its endpoint.",
        _check_rollback,
    ),
    "Retained": Rule(
        "An endpoint update retains the instance counts and weights that autoscaling has set.",
        _check_retained,
    ),
    "Observability": Rule(
        "An endpoint on instances says whether it has detailed observability, which costs money and is on "
        "by default.",
        _check_observability,
    ),
    "Unnamed": Rule(
        "Models and endpoint configurations have no physical names, so that they can be replaced.",
        _check_unnamed,
    ),
    "RequestModel": Rule(
        "A method with a body has a request model for application/json only: $default rejects CSV.",
        _check_request_model,
    ),
    "AnyMethod": Rule(
        "A resource with an ANY method also has a method of its own, with authorization and a request model.",
        _check_any_method,
    ),
    "Trust": Rule(
        "The trust policy of a service role has a condition on aws:SourceArn or aws:SourceAccount.",
        _check_trust,
    ),
    "LogRetention": Rule(
        "Every log group has a retention, and every function a log group of the stack.", _check_log_retention
    ),
}
