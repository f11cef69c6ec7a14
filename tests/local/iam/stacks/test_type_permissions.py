"""The table of the actions of resource types, against AWS's registry and the types of our templates."""

import re
from pathlib import Path

import pytest

from local.iam.stacks.type_permissions import TYPE_PERMISSIONS

SNAPSHOTS = Path(__file__).parents[3] / "stacks" / "__snapshots__"
# The registry has a type of a later generation only, or none at all.
NO_RESOURCES = {"AWS::CloudFormation::Stack", "AWS::SSM::Parameter::Value"}


@pytest.mark.parametrize("name", TYPE_PERMISSIONS)
def test_every_action_is_one_of_the_handler_in_the_registry(name: str) -> None:
    # Its import takes a second, which every process that collects tests would spend.
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name).schema
    handlers = schema["handlers"]

    permissions = TYPE_PERMISSIONS[name]
    for operation in ("create", "update", "delete"):
        known = {item.lower() for item in handlers.get(operation, {}).get("permissions", ())}
        actions = {action.lower() for action in getattr(permissions, operation)}
        assert actions <= known, (operation, sorted(actions - known))
    if permissions.role:
        assert "iam:PassRole" in handlers["create"]["permissions"]


def test_every_resource_type_of_our_templates_is_in_the_table() -> None:
    text = "".join(path.read_text() for path in SNAPSHOTS.rglob("*") if path.is_file())
    types = set(re.findall(r"Type: (AWS::\w+::\w+)$|\"Type\": \"(AWS::\w+::\w+)\"", text, re.MULTILINE))

    found = {name for pair in types for name in pair if name} - NO_RESOURCES
    assert "AWS::Lambda::Function" in found
    assert found - TYPE_PERMISSIONS.keys() == set()


def test_a_resource_is_named_by_its_properties() -> None:
    role, policy, model = (
        TYPE_PERMISSIONS[name] for name in ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::ApiGateway::Model")
    )

    assert role.resource("Stack-Role-1", {}) == "arn:aws:iam::000000000000:role/Stack-Role-1"
    assert policy.resource("any", {"Roles": ["one", "two"]}) == "arn:aws:iam::000000000000:role/one"
    assert model.resource("any", {"RestApiId": "a1"}) == "arn:aws:apigateway:us-east-1::/restapis/a1/models"
    assert role.resource("arn:aws:iam::1:role/x", {}) == "arn:aws:iam::1:role/x"
