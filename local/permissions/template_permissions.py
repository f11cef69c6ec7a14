"""Permissions of a template's roles: each action, and the template without it."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_POLICY = "AWS::IAM::Policy"

TemplateJson = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Permission:
    """An action that a policy of a template grants to a role.

    Attributes:
        role: Logical id of the role.
        policy: Logical id of the policy.
        number: Position of the statement, from 0.
        action: The action.
    """

    role: str
    policy: str
    number: int
    action: str


def template_permissions(template: TemplateJson) -> Iterator[Permission]:
    """Yields each action of each policy of a template."""
    for policy, resource in template["Resources"].items():
        if resource["Type"] != _POLICY:
            continue
        properties = resource["Properties"]
        [role] = [reference["Ref"] for reference in properties["Roles"]]
        for number, statement in enumerate(properties["PolicyDocument"]["Statement"]):
            for action in _actions(statement):
                yield Permission(role=role, policy=policy, number=number, action=action)


def without_permission(template: TemplateJson, permission: Permission) -> dict[str, Any]:
    """Returns a template that does not grant an action.

    A statement without other actions is removed, and a policy without other statements, which IAM refuses.
    """
    changed: dict[str, Any] = copy.deepcopy(dict(template))
    document = changed["Resources"][permission.policy]["Properties"]["PolicyDocument"]
    statement = document["Statement"][permission.number]
    kept = [action for action in _actions(statement) if action != permission.action]
    if kept:
        statement["Action"] = kept
    else:
        del document["Statement"][permission.number]
    if not document["Statement"]:
        _remove(changed["Resources"], permission.policy)
    return changed


def _remove(resources: dict[str, Any], logical_id: str) -> None:
    """Removes a resource to which others do not refer, except in DependsOn."""
    del resources[logical_id]
    for resource in resources.values():
        others = resource.get("DependsOn", [])
        others = [others] if isinstance(others, str) else others
        if logical_id in others:
            resource["DependsOn"] = [other for other in others if other != logical_id]


def _actions(statement: Mapping[str, Any]) -> list[str]:
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else list(actions)
