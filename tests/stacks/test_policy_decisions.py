"""Decisions on the stack's policies by two engines: MiniStack's, which decides locally, and iamprover's.

iamprover (Apache-2.0) translates policies for the solver Z3, and has no code in common with MiniStack. Of the
other engines, iam-simulate is under the AGPL, moto ignores conditions, and pbac reads one key of a condition.
"""

import dataclasses
import functools
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import z3
from iamprover.engine.context import Context
from iamprover.engine.encoder import allowed
from iamprover.model import Principal
from iamprover.parsers.iam import parse_policy_document as parse_for_z3
from ministack.core.iam_evaluator import (
    EvalContext,
    combine_resource_policy,
    evaluate,
    evaluate_resource_policy,
    parse_policy_document,
)

from tests.stacks.support.stack_policies import ACCOUNT, REGION, Document, StackPolicies
from tests.stacks.support.synthesis import Stacks, Synthesizer

HOSTINGS = ["realtime", "serverless", "lambda"]
EVERYWHERE = [(stage, hosting) for stage in ("dev", "prod") for hosting in HOSTINGS]

# Actions and resources that no role has, or that one role must not have of another's.
FOREIGN_ACTIONS = ["iam:PassRole", "s3:DeleteBucket", "s3:ListAllMyBuckets", "sagemaker:DeleteEndpoint"]
FOREIGN_RESOURCES = ["*", "arn:aws:s3:::other/models/tiny/model.tar.gz", f"arn:aws:iam::{ACCOUNT}:role/other"]
SERVICES = [
    f"{name}.amazonaws.com" for name in ("apigateway", "cloudwatch", "ec2", "events", "lambda", "sagemaker")
]
# No value of a policy can equal it: the request does not have the key.
ABSENT = "\0"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call.

    Attributes:
        caller: ARN of the role, or name of the service.
        action: The action.
        resource: The ARN.
        keys: Values of condition keys.
    """

    caller: str
    action: str
    resource: str
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_encrypted(self) -> bool:
        return self.keys.get("aws:SecureTransport", "true") == "true"


def local_decision(request: Request, identity: Document, policies: Iterable[Document]) -> bool:
    """Whether MiniStack's engine allows a request."""
    service = request.caller if request.caller.endswith(".amazonaws.com") else None
    context = EvalContext(
        principal_arn=request.caller,
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=request.action,
        resource_arn=request.resource,
        region=REGION,
        secure_transport=request.is_encrypted,
        service_context={key.lower(): value for key, value in request.keys.items()},
    )
    if service:
        results = [evaluate_resource_policy(policy, context, service=service) for policy in policies]
        decisions = {result.decision for result in results}
        return "Deny" not in decisions and "Allow" in decisions
    result = evaluate(context, [parse_policy_document(identity)])
    for policy in policies:
        result = combine_resource_policy(result, context, policy, ACCOUNT)
    return bool(result.decision == "Allow")


ACTION, RESOURCE = z3.String("action"), z3.String("resource")


@functools.cache
def formula_of(caller: str, policies: str) -> tuple[z3.BoolRef, Context]:
    """The formula of the decision over action, resource and condition keys, for the policies as JSON."""
    identity, *others = [parse_for_z3("policy", document) for document in json.loads(policies)]
    context = Context()
    principal = Principal(arn=caller, policies=[identity])
    return allowed(principal, ACTION, RESOURCE, context, resource_policies=others), context


@functools.cache
def formula_of_resource(
    caller: str, policies: str, action: str, keys: tuple[tuple[str, str], ...]
) -> z3.BoolRef:
    """The formula over the resource alone, for its many resources."""
    formula, context = formula_of(caller, policies)
    given = {"aws:securetransport": "true"} | {key.lower(): value for key, value in keys}
    values = {variable: given.get(key, ABSENT) for key, variable in context.string_vars.items()}
    pairs = [(variable, z3.StringVal(value)) for variable, value in (values | {ACTION: action}).items()]
    return z3.simplify(z3.substitute(formula, *pairs))


def proved_decision(request: Request, identity: Document, policies: Iterable[Document]) -> bool:
    """Whether iamprover's engine allows a request."""
    is_service = request.caller.endswith(".amazonaws.com")
    caller = f"service:{request.caller}" if is_service else request.caller
    keys = tuple(sorted(request.keys.items()))
    formula = formula_of_resource(caller, json.dumps([identity, *policies]), request.action.lower(), keys)
    return bool(z3.is_true(z3.simplify(z3.substitute(formula, (RESOURCE, z3.StringVal(request.resource))))))


def statements(*documents: Document) -> Iterator[Document]:
    for document in documents:
        yield from document["Statement"]


def as_list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def actions_of(documents: Iterable[Document]) -> list[str]:
    """Every action that is named, with text for wildcards; one in another case; foreign ones."""
    named = {action for one in statements(*documents) for action in as_list(one["Action"])}
    covered = sorted(action.replace("*", "Object") for action in named)
    return [*covered, covered[0].swapcase(), *FOREIGN_ACTIONS]


def resources_of(documents: Iterable[Document]) -> list[str]:
    """Every resource that is named, with text for wildcards; ones that are nearly the same; foreign ones."""
    named = {resource for one in statements(*documents) for resource in as_list(one.get("Resource", ()))} - {
        "*"
    }
    covered = {resource.replace("*", text) for resource in named for text in ("", "x/y:z")}
    near = {f"{resource}x" for resource in named if "*" not in resource}
    near |= {resource.rpartition("*")[0][:-1] or resource.upper() for resource in named}
    return sorted(covered | near | set(FOREIGN_RESOURCES))


def contexts_of(documents: Iterable[Document], action: str) -> list[dict[str, str]]:
    """Each combination of values of the condition keys for the action: right, wrong and absent ones."""
    values: dict[str, set[str]] = {}
    for one in statements(*documents):
        services = {named.partition(":")[0] for named in as_list(one["Action"])}
        for condition in one.get("Condition", {}).values() if action.partition(":")[0] in services else ():
            for key, right in condition.items():
                named = {value.replace("*", "x") for value in as_list(right)}
                values.setdefault(key, {ABSENT, "other"}).update(named)
    values |= {key: {"true", "false"} for key in values if key == "aws:SecureTransport"}
    return [
        {key: value for key, value in zip(values, choice, strict=True) if value != ABSENT}
        for choice in itertools.product(*map(sorted, values.values()))
    ]


Row = tuple[Request, Document, list[Document]]


def table(policies: StackPolicies) -> Iterator[Row]:
    """Every role with every action and resource of the stack, in each context of its conditions."""
    buckets = [document for path, document in policies.resource.items() if path.startswith("Artifacts/")]
    everything = [*policies.identity.values(), *buckets]
    resources = resources_of(everything)
    for path, identity in policies.identity.items():
        caller = f"arn:aws:sts::{ACCOUNT}:assumed-role/{path.replace('/', '-')}/session"
        for action in actions_of(everything):
            for resource, keys in itertools.product(resources, contexts_of([identity, *buckets], action)):
                yield Request(caller=caller, action=action, resource=resource, keys=keys), identity, buckets


def service_table(policies: StackPolicies) -> Iterator[Row]:
    """Every service with every trust policy, and with the policies of buckets, keys and topics."""
    for document in [*policies.trust.values(), *policies.resource.values()]:
        for service, action in itertools.product(SERVICES, actions_of([document])):
            for resource, keys in itertools.product(
                resources_of([document]), contexts_of([document], action)
            ):
                yield Request(caller=service, action=action, resource=resource, keys=keys), {}, [document]


def distinct(rows: Iterable[Row]) -> list[Row]:
    """Each row once: most roles are the same in several hostings."""
    return list(
        {json.dumps([dataclasses.asdict(row[0]), *row[1:]], sort_keys=True): row for row in rows}.values()
    )


def differences(rows: Iterable[Row]) -> tuple[list[Request], set[bool]]:
    """The requests on which the engines differ, and the decisions there are."""
    found, decisions = [], set[bool]()
    for request, identity, policies in rows:
        local = local_decision(request, identity, policies)
        decisions.add(local)
        if local != proved_decision(request, identity, policies):
            found.append(request)
    return found, decisions


@pytest.mark.slow
def test_both_engines_decide_alike_on_every_role_action_and_resource(stacks: Stacks) -> None:
    synthesized = [stacks(stage, hosting) for stage, hosting in EVERYWHERE]
    rows = distinct(row for stack in synthesized for row in table(StackPolicies.of(stack.template)))

    assert differences(rows) == ([], {True, False})


@pytest.mark.slow
def test_both_engines_decide_alike_on_every_service_that_acts_for_the_stack(synthesizer: Synthesizer) -> None:
    synthesized = [synthesizer.one(hosting=hosting, alarm_email="a@example.com") for hosting in HOSTINGS]
    rows = distinct(row for stack in synthesized for row in service_table(StackPolicies.of(stack.template)))

    assert differences(rows) == ([], {True, False})


BUCKET = "arn:aws:s3:::artifactsbucket88671897"
ENDPOINT = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/modelendpoint65d8cf31"
NAMESPACE = "cloudwatch:namespace"
# Role, action, resource, condition keys, decision: what the roles are for, and what they must never do.
DECISIONS: list[tuple[str, str, str, dict[str, str], bool]] = [
    ("Api/Invoker/Role", "sagemaker:InvokeEndpoint", ENDPOINT, {}, True),
    ("Api/Invoker/Role", "sagemaker:InvokeEndpoint", f"{ENDPOINT}2", {}, False),
    ("Api/Invoker/Role", "s3:GetObject", f"{BUCKET}/models/tiny/model.tar.gz", {}, False),
    ("Api/Invoker/Role", "s3:GetObject", f"{BUCKET}/models/tiny/1/manifest.json", {}, True),
    ("Api/Invoker/Role", "s3:GetObject", f"{BUCKET}/models/tiny/1/report.html", {}, True),
    ("Api/Invoker/Role", "s3:GetObject", f"{BUCKET}/models/tiny/1/model.tar.gz", {}, False),
    ("Model/Hosted/Role", "s3:GetObject", f"{BUCKET}/models/tiny/model.tar.gz", {}, True),
    (
        *("Model/Hosted/Role", "s3:GetObject", f"{BUCKET}/models/tiny/model.tar.gz"),
        *({"aws:SecureTransport": "false"}, False),
    ),
    ("Model/Hosted/Role", "s3:GetObject", f"{BUCKET}/models/other/model.tar.gz", {}, False),
    ("Model/Hosted/Role", "s3:PutObject", f"{BUCKET}/models/tiny/model.tar.gz", {}, False),
    ("Model/Hosted/Role", "cloudwatch:PutMetricData", "*", {NAMESPACE: "AWS/SageMaker"}, True),
    ("Model/Hosted/Role", "cloudwatch:PutMetricData", "*", {NAMESPACE: "Ours"}, False),
    ("Model/Hosted/Role", "cloudwatch:PutMetricData", "*", {}, False),
    ("Artifacts/Publisher/Role", "s3:PutObject", f"{BUCKET}/models/tiny/model.tar.gz", {}, True),
    ("Artifacts/Publisher/Role", "s3:PutObject", f"{BUCKET}/captures/1", {}, False),
    ("Artifacts/Publisher/Role", "sagemaker:InvokeEndpoint", ENDPOINT, {}, False),
]


@pytest.mark.parametrize(("role", "action", "resource", "keys", "decision"), DECISIONS)
def test_both_engines_allow_what_a_role_is_for_and_refuse_what_it_is_not_for(
    stacks: Stacks, role: str, action: str, resource: str, keys: dict[str, str], *, decision: bool
) -> None:
    policies = StackPolicies.of(stacks("dev", "realtime").template)
    caller = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role.replace('/', '-')}/session"
    request = Request(caller=caller, action=action, resource=resource, keys=keys)
    identity = policies.identity[role]
    buckets = [document for path, document in policies.resource.items() if path.startswith("Artifacts/")]

    assert local_decision(request, identity, buckets) is decision
    assert proved_decision(request, identity, buckets) is decision


def test_a_policy_that_the_engines_read_differently_would_be_found() -> None:
    """iamprover knows no numeric conditions, and takes them for fulfilled."""
    condition = {"NumericLessThan": {"aws:MultiFactorAuthAge": "1"}}
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": condition}
    policies = StackPolicies(identity={"Role": {"Statement": [statement]}}, trust={}, resource={})

    found, _ = differences(table(policies))

    assert {request.action.lower() for request in found} == {"s3:getobject"}
