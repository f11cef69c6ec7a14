"""Weighted aliases: an invocation through an alias runs one of two versions, by chance.

https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
"""

import random
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from ministack.services import lambda_svc

# Parts of a function's ARN: the name, and the version or alias after it.
_NAME, _QUALIFIER = 6, 7
_EXECUTED_VERSION = "X-Amz-Executed-Version"

# Alias ARN and version of the invocation in progress.
_chosen: ContextVar[tuple[str, str]] = ContextVar("chosen", default=("", ""))


def chosen_version(alias: Mapping[str, Any], draw: float) -> str:
    """Returns the version that an invocation of an alias runs.

    Args:
        alias: The alias, as GetAlias returns it.
        draw: A number from 0 up to 1.
    """
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    for version, weight in weights.items():
        draw -= weight
        if draw < 0:
            return str(version)
    return str(alias["FunctionVersion"])


def install(draw: Callable[[], float] = random.random) -> None:
    """Makes MiniStack's invocations follow the weights.

    Args:
        draw: Returns a number from 0 up to 1 for each invocation.
    """
    execute, invoke = lambda_svc._execute_function_with_config_scope, lambda_svc._invoke

    def execute_version(record: dict[str, Any], event: Any) -> Any:
        arn = str((record.get("config") or record).get("FunctionArn", ""))
        function, alias = _find_alias(arn)
        if alias is None:
            return execute(record, event)
        known, version = _chosen.get()
        return execute(
            _version_record(function, arn, version if known == arn else chosen_version(alias, draw())), event
        )

    async def invoke_version(
        name: str,
        event: Any,
        headers: Mapping[str, str],
        path_qualifier: str | None = None,
        query_params: Mapping[str, Any] | None = None,
    ) -> Any:
        qualifier = lambda_svc._qualifier_from_path_or_query(path_qualifier, query_params)
        arn = f"{lambda_svc._func_arn(name)}:{qualifier}"
        _, alias = _find_alias(arn)
        if alias is None:
            return await invoke(name, event, headers, path_qualifier, query_params)
        version = chosen_version(alias, draw())
        _chosen.set((arn, version))
        status, answered, body = await invoke(name, event, headers, path_qualifier, query_params)
        known = {_EXECUTED_VERSION: version} if _EXECUTED_VERSION in answered else {}
        return status, {**answered, **known}, body

    lambda_svc._execute_function_with_config_scope = execute_version
    lambda_svc._invoke = invoke_version


def _find_alias(arn: str) -> tuple[dict[str, Any], Mapping[str, Any] | None]:
    """Returns the function and the weighted alias of an ARN; None for any other ARN."""
    parts = arn.split(":")
    function = lambda_svc._functions.get(parts[_NAME]) if len(parts) > _QUALIFIER else None
    alias = (function or {}).get("aliases", {}).get(parts[_QUALIFIER]) if function else None
    is_weighted = bool(alias and alias.get("RoutingConfig"))
    return function or {}, alias if is_weighted else None


def _version_record(function: Mapping[str, Any], arn: str, version: str) -> dict[str, Any]:
    """Returns a copy of a version's record, with the ARN that the caller has invoked."""
    record = dict(function["versions"][version])
    record["config"] = {**record["config"], "FunctionArn": arn}
    return record
