"""Grants of a role's statement, and the actions for which each was used."""

from ministack.core import iam_evaluator

from local.iam.stacks.grants import Grant
from local.iam.statement import RoleStatement


def grant(action: str, *actions: str) -> Grant:
    """A grant of a statement that allows `actions`."""
    document = {"Statement": {"Effect": "Allow", "Action": list(actions), "Resource": "*"}}
    [parsed] = iam_evaluator.parse_policy_document(document)
    statement = RoleStatement(**vars(parsed), role="role", policy="policy", number=1)
    return Grant(stack="Stack", role="Role", action=action, statement=statement)


def test_a_wildcard_is_used_for_the_actions_that_no_exact_grant_names() -> None:
    actions = ("s3:GetObject", "s3:*")
    used = {"s3:GetObject", "s3:PutObject"}

    assert grant("s3:GetObject", *actions).to_json(used)["used"] == ["s3:GetObject"]
    assert grant("s3:*", *actions).to_json(used)["used"] == ["s3:PutObject"]


def test_a_wildcard_alone_is_used_for_every_action_that_it_matches() -> None:
    found = grant("s3:Get*", "s3:Get*").to_json({"s3:GetObject", "s3:PutObject"})

    assert (found["used"], found["is_wildcard"]) == (["s3:GetObject"], True)
