"""Permissions of a template, and the template without one."""

from typing import Any

from local.permissions.template_permissions import Permission, template_permissions, without_permission


def template(*statements: dict[str, Any]) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    properties = {"Roles": [{"Ref": "Role"}], "PolicyDocument": document}
    return {
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role"},
            "Policy": {"Type": "AWS::IAM::Policy", "Properties": properties},
        }
    }


def statement(action: str | list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*"}


def permission(number: int, action: str) -> Permission:
    return Permission(role="Role", policy="Policy", number=number, action=action)


def test_each_action_of_each_statement_is_a_permission() -> None:
    found = template_permissions(template(statement("a:One"), statement(["b:One", "b:Two"])))

    assert list(found) == [permission(0, "a:One"), permission(1, "b:One"), permission(1, "b:Two")]


def test_a_statement_without_actions_is_removed_and_the_template_stays() -> None:
    original = template(statement("a:One"), statement(["b:One", "b:Two"]))

    without_all = without_permission(original, permission(0, "a:One"))
    without_one = without_permission(original, permission(1, "b:One"))

    assert without_all == template(statement(["b:One", "b:Two"]))
    assert without_one == template(statement("a:One"), statement(["b:Two"]))
    assert original == template(statement("a:One"), statement(["b:One", "b:Two"]))


def test_a_policy_without_statements_is_removed() -> None:
    """IAM refuses it."""
    original = template(statement("a:One"))
    original["Resources"]["Late"] = {"Type": "AWS::SQS::Queue", "DependsOn": ["Policy", "Role"]}
    original["Resources"]["Later"] = {"Type": "AWS::SQS::Queue", "DependsOn": "Policy"}

    found = without_permission(original, permission(0, "a:One"))["Resources"]

    assert found.keys() == {"Role", "Late", "Later"}
    assert (found["Late"]["DependsOn"], found["Later"]["DependsOn"]) == (["Role"], [])
