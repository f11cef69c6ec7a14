"""Checks of the live configuration of the hosting: a SageMaker endpoint or a Lambda function."""

import re
from collections.abc import Mapping
from typing import Any

from smoke.account import Account
from smoke.deployed_stack import DeployedStack
from smoke.errors import CheckFailedError, EarlierRollbackError

_ALIAS = "AWS::Lambda::Alias"


def check_configuration(account: Account, stack: DeployedStack) -> str:
    """Checks that the endpoint or function of a stack serves with the stack's configuration.

    Returns:
        What was found.

    Raises:
        CheckFailedError: It does not, or the stack is paused.
    """
    name = stack.endpoint_name
    if stack.is_paused:
        raise CheckFailedError(f"{stack.name} is paused and has no endpoint: `make wake` starts it")
    if config := stack.resource("AWS::SageMaker::EndpointConfig"):
        return check_endpoint(account.client("sagemaker"), name=name, config=config.physical_id)
    function, alias = stack.resource("AWS::Lambda::Function", name), stack.resource(_ALIAS)
    if function and alias:
        template = stack.template["Resources"][function.logical_id]
        client = account.client("lambda")
        return check_function(client, name=name, alias=alias.physical_id, template=template)
    raise CheckFailedError(f"{name} is neither an endpoint nor a function of the stack")


def check_endpoint(sagemaker: Any, *, name: str, config: str) -> str:
    """Checks that an endpoint is in service with the stack's endpoint configuration.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html

    Args:
        sagemaker: A boto3 client.
        name: The endpoint's name.
        config: The physical id of the stack's endpoint configuration, a name or an ARN.

    Returns:
        What was found.

    Raises:
        CheckFailedError: It is not in service, or has another configuration.
        EarlierRollbackError: It has the stack's configuration, which it kept when its last update failed.
    """
    described = sagemaker.describe_endpoint(EndpointName=name)
    asked, live = config.rpartition("/")[2], described["EndpointConfigName"]
    _require_settled(described)
    # SageMaker writes the name inside an ARN in lower case.
    is_asked = live.casefold() == asked.casefold()
    if failure := described.get("FailureReason"):
        raise (EarlierRollbackError if is_asked else CheckFailedError)(
            f"the last update of endpoint {name} was rolled back and it serves the OLD configuration "
            f"{live}: {failure}"
        )
    if not is_asked:
        raise CheckFailedError(
            f"endpoint {name} serves configuration {live} and the stack has {asked}: "
            "an update was rolled back, or the endpoint was changed without the stack"
        )
    return f"endpoint {name} is InService with the stack's configuration {live}"


def _require_settled(described: Mapping[str, Any]) -> None:
    name, status = described["EndpointName"], described["EndpointStatus"]
    if pending := described.get("PendingDeploymentSummary"):
        raise CheckFailedError(
            f"endpoint {name} is {status} to configuration {pending['EndpointConfigName']}: "
            "run this again after the update"
        )
    if status != "InService":
        raise CheckFailedError(
            f"endpoint {name} is {status}: {described.get('FailureReason', 'not in service')}"
        )


def check_function(functions: Any, *, name: str, alias: str, template: Mapping[str, Any]) -> str:
    """Checks that the version behind a function's alias is active with the template's environment.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html

    Args:
        functions: A boto3 client of Lambda.
        name: The function's name.
        alias: ARN of the alias that the API calls.
        template: The function's resource in the stack's template.

    Returns:
        What was found.

    Raises:
        CheckFailedError: It is not active, its last update failed, or its environment differs.
    """
    live = functions.get_function_configuration(FunctionName=alias)
    state, update = live.get("State"), live.get("LastUpdateStatus")
    if (state, update) != ("Active", "Successful"):
        reason = live.get("LastUpdateStatusReason") or live.get("StateReason") or "it gives no reason"
        raise CheckFailedError(f"function {name} is {state}, its last update {update}: {reason}")
    asked, has = _variables(template["Properties"]), _variables(live)
    wrong = [key for key in sorted(asked.keys() | has.keys()) if not _matches(asked.get(key), has.get(key))]
    if wrong:
        raise CheckFailedError(
            f"function {name} does not have the template's environment: {', '.join(wrong)}"
        )
    return (
        f"version {live['Version']} of function {name} is Active, its last update Successful, its "
        "environment the template's"
    )


def is_following(template: Mapping[str, Any]) -> bool:
    """Whether a function reloads its bundle when it is replaced in S3.

    Args:
        template: The function's resource in the stack's template.
    """
    return "RELOAD_SECONDS" in _variables(template["Properties"])


def _variables(configuration: Mapping[str, Any]) -> Mapping[str, Any]:
    variables: Mapping[str, Any] = configuration.get("Environment", {}).get("Variables", {})
    return variables


def _matches(asked: Any, has: str | None) -> bool:
    return asked is not None and has is not None and bool(re.fullmatch(_pattern(asked), has, re.DOTALL))


def _pattern(value: Any) -> str:
    """Converts a template's value into a regular expression; a value that CloudFormation inserts is .+."""
    match value:
        case str():
            return re.escape(value)
        case {"Fn::Join": [separator, parts]}:
            return str(re.escape(separator)).join(_pattern(part) for part in parts)
    return ".+"
