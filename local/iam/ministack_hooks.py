"""Puts IAM into MiniStack: in place of its decision functions, and around the calls that it does not decide.

All hooks are attributes of MiniStack's modules, which it looks up at each call; tests/local/iam has a test of
each.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import ministack.app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import apigateway_v1, cloudwatch, eventbridge, lambda_svc
from ministack.services.cloudformation import handlers, helpers, provisioners, stacks

from local.iam.administrator import add_administrator
from local.iam.decision_log_entry import denial_message
from local.iam.implied.encrypted_object import key_use
from local.iam.implied.missing_object import LIST_BUCKET, bucket_to_list
from local.iam.implied.passed_role import PASS_ROLE, passed_role
from local.iam.implied.tagged_resource import ADD_TAGS, tagging
from local.iam.lambda_actions import lambda_action
from local.iam.policy_evaluation import PolicyEvaluation, watch_matches
from local.iam.request import current_request, decided_call, read_request
from local.iam.resources import resource_of, with_marked_segments, without_marks
from local.iam.role_session import TrustError
from local.iam.service_calls import ServiceCalls
from local.iam.stacks.grants import GrantBook
from local.iam.stacks.parameter_store import UNREADABLE_PARAMETERS, ParameterStoreReads
from local.iam.stacks.stack_role import StackRoles, calling_key
from local.iam.stacks.type_permissions import TYPE_PERMISSIONS
from local.iam.statement import role_policies
from local.local_aws import LOOPBACK_ADDRESS

_ALARM_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")


def install(
    *, evaluation: PolicyEvaluation, calls: ServiceCalls, roles: StackRoles, grants: GrantBook
) -> None:
    """Installs IAM; MiniStack's setting AUTH must be true.

    Args:
        evaluation: Decides about requests.
        calls: Decides about calls of services.
        roles: Decides about changes of resources by CloudFormation.
        grants: Keeps the grants of deleted stacks.
    """
    add_administrator()
    _install_policy_evaluation(evaluation)
    _install_keys_and_batch_deletion()
    _install_messages()
    _install_service_calls(calls)
    _install_stack_roles(roles, grants, ParameterStoreReads(evaluation))


def _install_policy_evaluation(evaluation: PolicyEvaluation) -> None:
    # MiniStack takes "test", an empty key and every account's number for the root user.
    iam_evaluator.is_root_access_key = lambda _key: False
    iam_evaluator._gather_role_policies = role_policies
    iam_evaluator._first_match = watch_matches
    iam_evaluator._fnmatch_compile = _wildcards
    extract_resource_arn = iam_actions.extract_resource_arn
    known_lambda_action = iam_actions._lambda_action
    iam_actions._lambda_action = lambda method, path: (
        lambda_action(method, path) or known_lambda_action(method, path)
    )

    def resource_arn(
        service: str, method: str, path: str, headers: Any, body: bytes, query: Any, *rest: Any
    ) -> str:
        request = read_request(path, body, query or {})
        current_request.set(request)
        found = resource_of(service, request)
        path = with_marked_segments(path) if service == "s3" else path
        return found or without_marks(
            extract_resource_arn(service, method, path, headers, body, query, *rest)
        )

    def enforce(access_key_id: str, action: str, service: str, region: str, **options: Any) -> Any:
        calling_key.set(access_key_id)
        refused = evaluation.evaluate(access_key_id, action, service, region, **options)
        resource = options.get("resource_arn", "*")
        decided_call.set((action, resource))
        if refused is not None:
            return refused
        for implied, on, context in _implied_calls(action, resource):
            decided_call.set((implied, on))
            refused = evaluation.evaluate(
                access_key_id,
                implied,
                implied.partition(":")[0],
                region,
                resource_arn=on,
                service_context=context,
            )
            if refused is not None:
                return refused
        return None

    iam_actions.extract_resource_arn = resource_arn
    iam_evaluator.enforce = enforce


@lru_cache(maxsize=4_096)
def _wildcards(pattern: str, is_any_case: bool) -> re.Pattern[str]:
    """Compiles a pattern of a policy; its * and ? stand for any character, also the end of a line.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    parts = [{"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern]
    return re.compile(f"{''.join(parts)}\\Z", re.DOTALL | (re.IGNORECASE if is_any_case else 0))


def _implied_calls(action: str, resource: str) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Yields action, resource and condition keys of the calls that the call in progress implies."""
    if role := passed_role(action, current_request.get()):
        yield PASS_ROLE, role.arn, role.context
    if tags := tagging(action, resource, current_request.get()):
        yield ADD_TAGS, tags.resource, tags.context
    if use := key_use(action, resource):
        yield use.action, use.key, use.context
    if bucket := bucket_to_list(action, resource):
        yield LIST_BUCKET, bucket, {}


def _install_keys_and_batch_deletion() -> None:
    """Decides about keys as they are, and about the version of the first object of DeleteObjects too.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
    """
    other_checks, action_of = iam_actions.s3_additional_checks, iam_actions._s3_action
    iam_actions._s3_action = lambda method, path, query: action_of(method, with_marked_segments(path), query)

    def checks(method: str, path: str, headers: Any, body: bytes, query: Any) -> list[tuple[str, str]]:
        others = other_checks(method, with_marked_segments(path), headers, body, query)
        found = [(action, without_marks(arn)) for action, arn in others]
        if method == "POST" and "delete" in query:
            bucket = path.strip("/").partition("/")[0]
            first = iam_actions._s3_batch_delete_targets(bucket, body)[:1]
            found += [("s3:DeleteObjectVersion", arn) for arn, version in first if version]
        return found

    iam_actions.s3_additional_checks = checks


def _install_messages() -> None:
    respond = iam_actions.access_denied_response
    pin_request_origin = ministack.app.pin_request_origin

    def access_denied_response(
        service: str, action: str, principal: str, request_id: str, **options: Any
    ) -> Any:
        if not any(options.get(name) for name in ("message", "error_code", "resource_policy_arn")):
            refused, resource = decided_call.get()
            options["message"] = denial_message(
                principal,
                refused or action,
                _in_message(service, resource),
                is_explicit=options.get("explicit_deny", False),
            )
        return respond(service, action, principal, request_id, **options)

    iam_actions.access_denied_response = access_denied_response
    # On AWS every request comes over TLS. Here the loopback interface takes its place, and also for calls of
    # services that no request has started.
    iam_evaluator._request_origin = ContextVar("request_origin", default=(LOOPBACK_ADDRESS, True))
    ministack.app.pin_request_origin = lambda address, _is_secure: pin_request_origin(address, True)


def _in_message(service: str, resource: str) -> str:
    """Returns a resource as AWS's messages name it."""
    if service == "s3":
        return f'"{resource}"'
    if service == "apigateway" and ":execute-api:" in resource:
        account = resource.split(":")[4]
        return resource.replace(f":{account}:", f":********{account[-4:]}:", 1)
    return resource


def _install_service_calls(calls: ServiceCalls) -> None:
    call_lambda = apigateway_v1._call_lambda_raw
    dispatch = cloudwatch._dispatch_alarm_actions
    send = eventbridge._dispatch_to_sns
    emit = lambda_svc._emit_lambda_logs

    async def call_if_permitted(function: str, event: Mapping[str, Any], **scope: Any) -> Any:
        if calls.gateway_may_invoke(function, event):
            return await call_lambda(function, event, **scope)
        return None, "Execution failed due to configuration error: Invalid permissions on Lambda function"

    def dispatch_to_permitted(alarm: Mapping[str, Any], *state: Any) -> None:
        permitted = {
            name: [
                action
                for action in alarm.get(name) or ()
                # An action that is no topic, such as a scaling policy, publishes nothing.
                if not cloudwatch._is_sns_action_arn(action)
                or calls.alarm_may_publish(alarm["AlarmName"], action)
            ]
            for name in _ALARM_ACTIONS
        }
        dispatch({**alarm, **permitted}, *state)

    def send_if_permitted(topic: str, message: str) -> None:
        if calls.rule_may_publish(topic):
            send(topic, message)

    def emit_if_permitted(function: Mapping[str, Any], *arguments: Any, **options: Any) -> None:
        config = function.get("config") or function
        name = config["FunctionName"]
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
        if calls.function_may_log(name, config["Role"], group, "*"):
            emit(function, *arguments, **options)

    apigateway_v1._call_lambda_raw = call_if_permitted
    cloudwatch._dispatch_alarm_actions = dispatch_to_permitted
    eventbridge._dispatch_to_sns = send_if_permitted
    lambda_svc._emit_lambda_logs = emit_if_permitted


def _install_stack_roles(roles: StackRoles, grants: GrantBook, reads: ParameterStoreReads) -> None:
    operations = handlers._ACTION_HANDLERS
    for name in ("CreateStack", "UpdateStack", "CreateChangeSet"):
        operations[name] = _with_readable_parameters(reads, operations[name])
    for name in ("CreateStack", "UpdateStack", "DeleteStack", "CreateChangeSet"):
        operations[name] = _with_role(roles, grants, operations[name])
    provision, update, delete = stacks._provision_resource, stacks._update_resource, stacks._delete_resource

    def provision_if_permitted(kind: str, logical_id: str, properties: Any, stack: str) -> Any:
        name = _name(kind, logical_id, properties, stack)
        roles.check("create", kind, stack=stack, name=name, properties=properties)
        return provision(kind, logical_id, properties, stack)

    def update_if_permitted(kind: str, physical_id: str, old: Any, new: Any, stack: str, *rest: Any) -> Any:
        if old != new:
            roles.check("update", kind, stack=stack, name=physical_id, properties=new)
        return update(kind, physical_id, old, new, stack, *rest)

    def delete_if_permitted(kind: str, physical_id: str, properties: Any, stack: str = "", *rest: Any) -> Any:
        roles.check("delete", kind, stack=stack, name=physical_id, properties=properties)
        return delete(kind, physical_id, properties, stack, *rest)

    stacks._provision_resource = provision_if_permitted
    stacks._update_resource = update_if_permitted
    stacks._delete_resource = delete_if_permitted


def _with_readable_parameters(
    reads: ParameterStoreReads, handler: Callable[[Any], Any]
) -> Callable[[Any], Any]:
    """Returns a handler of CloudFormation. It refuses callers that lack read access to Parameter Store."""

    def handle(parameters: Any) -> Any:
        if reads.are_allowed(parameters, caller=calling_key.get()):
            return handler(parameters)
        return helpers._error("ValidationError", UNREADABLE_PARAMETERS)

    return handle


def _with_role(roles: StackRoles, grants: GrantBook, handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns a handler of CloudFormation that gives the stack the role of the request."""

    def handle(parameters: Any) -> Any:
        stack = helpers._p(parameters, "StackName").rpartition(":stack/")[-1].partition("/")[0]
        # An operation may delete the roles of the stack.
        grants.remember(stack)
        if role := helpers._p(parameters, "RoleARN"):
            try:
                roles.set(stack, role)
            except TrustError:
                return helpers._error("ValidationError", f"Role {role} is invalid or cannot be assumed")
        return handler(parameters)

    return handle


def _name(kind: str, logical_id: str, properties: Mapping[str, Any], stack: str) -> str:
    """Returns the name that a new resource will have."""
    permissions = TYPE_PERMISSIONS.get(kind)
    given = properties.get(permissions.name) if permissions and permissions.name else None
    return str(given or provisioners._physical_name(stack, logical_id))
