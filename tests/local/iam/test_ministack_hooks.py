"""The attributes of MiniStack that local/iam replaces; they are internal, and a new version may move them."""

import inspect
from typing import Any

import ministack.app
import pytest
from ministack.core import iam_actions, iam_evaluator
from ministack.services import apigateway_v1, cloudwatch, eventbridge, lambda_svc
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

from local.emulator.template_conditions import with_joined_texts


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (iam_evaluator.is_root_access_key, ["access_key_id"]),
        (iam_evaluator.pin_request_origin, ["source_ip", "secure_transport"]),
        (iam_evaluator._gather_role_policies, ["role_name", "account_id"]),
        (iam_evaluator._first_match, ["ctx", "stmts", "effect"]),
        (
            iam_evaluator.enforce,
            ["access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"],
        ),
        (iam_actions.extract_resource_arn, ["service", "method", "path", "headers", "body", "query_params"]),
        (iam_actions.s3_additional_checks, ["method", "path", "headers", "body", "query_params"]),
        (iam_actions.access_denied_response, ["service", "action", "principal_arn", "request_id"]),
        (ministack.app.pin_request_origin, ["source_ip", "secure_transport"]),
        (apigateway_v1._call_lambda_raw, ["function_ref", "event"]),
        (cloudwatch._dispatch_alarm_actions, ["alarm", "old_state", "new_state", "reason"]),
        (eventbridge._dispatch_to_sns, ["arn", "payload"]),
        (lambda_svc._emit_lambda_logs, ["func", "request_id"]),
        (stacks._provision_resource, ["resource_type", "logical_id", "props", "stack_name"]),
        (stacks._update_resource, ["resource_type", "physical_id", "old_props", "new_props", "stack_name"]),
        (stacks._delete_resource, ["resource_type", "physical_id", "props", "stack_name"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_ministack_has_the_function(function: Any, parameters: list[str]) -> None:
    assert list(inspect.signature(function).parameters)[: len(parameters)] == parameters


def test_ministack_keeps_the_origin_of_a_request() -> None:
    request = iam_evaluator._request_origin

    assert request.get()[1] is False, "a call outside a request is insecure without local/iam"


@pytest.mark.parametrize("module", [changesets, engine, handlers, provisioners, stacks])
def test_every_module_evaluates_conditions(module: Any) -> None:
    source = inspect.getsource(module)

    assert "_evaluate_conditions(" in source


@pytest.mark.parametrize("action", ["CreateStack", "UpdateStack", "DeleteStack", "CreateChangeSet"])
def test_ministack_has_the_operation(action: str) -> None:
    assert action in handlers._ACTION_HANDLERS


def test_a_list_parameter_is_joined_in_a_condition() -> None:
    empty = {"Policies": {"Value": ""}}
    condition = {"Fn::Not": [{"Fn::Equals": ["", {"Fn::Join": ["", {"Ref": "Policies"}]}]}]}
    evaluate = inspect.unwrap(engine._evaluate_conditions)
    template = {"Conditions": {"HasPolicies": condition}}

    joined = {"Conditions": with_joined_texts(template["Conditions"], empty)}

    assert evaluate(joined, empty) == {"HasPolicies": False}
    filled = {"Policies": {"Value": "a, b"}}
    assert with_joined_texts({"Fn::Join": ["-", {"Ref": "Policies"}]}, filled) == "a-b"
