"""Fn::Join in the Conditions of a template, which MiniStack does not evaluate.

The CDK's bootstrap template asks by it whether a list parameter is empty.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
"""

from collections.abc import Mapping
from typing import Any

from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

_JOIN = "Fn::Join"
_MODULES = (changesets, engine, handlers, provisioners, stacks)


def with_joined_texts(node: Any, parameters: Mapping[str, Any]) -> Any:
    """Returns conditions in which each Fn::Join is replaced by its text.

    Args:
        node: The conditions, or a part of them.
        parameters: The values of the parameters, as MiniStack holds them.
    """
    if isinstance(node, list):
        return [with_joined_texts(item, parameters) for item in node]
    if not isinstance(node, dict):
        return node
    if set(node) == {_JOIN}:
        delimiter, parts = node[_JOIN]
        return str(delimiter).join(_texts(parts, parameters))
    return {name: with_joined_texts(item, parameters) for name, item in node.items()}


def install() -> None:
    """Installs the function in every module of MiniStack that evaluates conditions."""
    evaluate = engine._evaluate_conditions

    def evaluate_conditions(template: Mapping[str, Any], parameters: Mapping[str, Any]) -> Any:
        conditions = with_joined_texts(template.get("Conditions", {}), parameters)
        return evaluate({**template, "Conditions": conditions}, parameters)

    for module in _MODULES:
        module._evaluate_conditions = evaluate_conditions


def _texts(parts: Any, parameters: Mapping[str, Any]) -> list[str]:
    """Returns the texts of a list, or of the Ref of a list parameter, whose value has commas."""
    if isinstance(parts, dict):
        return [text.strip() for text in str(parameters[parts["Ref"]]["Value"]).split(",")]
    return [str(parameters[part["Ref"]]["Value"]) if isinstance(part, dict) else str(part) for part in parts]
