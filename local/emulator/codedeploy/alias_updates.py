"""Updates of a function's alias by CodeDeploy, as the update policy of the resource asks.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html#cfn-attributes-updatepolicy-codedeploylambdaaliasupdate
"""

import contextvars
import copy
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

from local.arns import deployment_group_arn
from local.codedeploy.app_spec import AppSpec
from local.codedeploy.codedeploy import CodeDeploy
from local.codedeploy.deployment import LambdaDeployment
from local.emulator.resource_types import (
    EmulatedProperties,
    ProvisionedResource,
    override,
    run_on_worker_thread,
)

_TYPE = "AWS::Lambda::Alias"
_POLICY = "CodeDeployLambdaAliasUpdate"
_VERSION = "FunctionVersion"
_HOOKS = ("AfterAllowTrafficHook", "BeforeAllowTrafficHook")
_MODULES = (changesets, handlers, provisioners, stacks)

# Template and parameters of the stack operation in progress; None while it is rolled back.
_operation: contextvars.ContextVar[tuple[Mapping[str, Any], Mapping[str, Any]] | None] = (
    contextvars.ContextVar("operation", default=None)
)
# Checks that a stack's role may do an action: action, resource, stack.
CheckAction = Callable[[str, str, str], None]


class AliasUpdateError(Exception):
    """The alias keeps its old version; the message becomes the reason of the stack event."""


def install(codedeploy: CodeDeploy, *, check: CheckAction) -> None:
    """Makes MiniStack's CloudFormation follow the update policy of aliases.

    Args:
        codedeploy: Makes the deployments.
        check: Raises an error when the stack's role may not do an action.
    """
    override(_TYPE, lambda found: {"update": _with_deployment(found["update"], codedeploy, check)})
    # A deployment calls the emulator.
    run_on_worker_thread(_TYPE)
    _watch_operations()
    _count_references()


def _with_deployment(
    update: Callable[..., ProvisionedResource], codedeploy: CodeDeploy, check: CheckAction
) -> Callable[..., ProvisionedResource]:
    def update_alias(
        arn: str, old: EmulatedProperties, new: EmulatedProperties, stack: str, logical_id: str
    ) -> ProvisionedResource:
        policy = _update_policy(stack, logical_id)
        is_same = all(old.get(name) == new.get(name) for name in ("FunctionName", "Name"))
        if policy and is_same and old.get(_VERSION) != new.get(_VERSION):
            _deploy(codedeploy, policy, old, new, check=lambda action, on: check(action, on, stack))
            old = {**old, _VERSION: new[_VERSION]}
            if old == new:
                return arn, {"AliasArn": arn}
        return update(arn, old, new, stack, logical_id)

    return update_alias


def _deploy(
    codedeploy: CodeDeploy,
    policy: Mapping[str, str],
    old: EmulatedProperties,
    new: EmulatedProperties,
    *,
    check: Callable[[str, str], None],
) -> None:
    """Deploys the new version and waits for the end of the deployment."""
    if hooks := [name for name in _HOOKS if policy.get(name)]:
        raise AliasUpdateError(f"AWS on this machine runs no {' and no '.join(hooks)}: remove it.")
    application, name = policy["ApplicationName"], policy["DeploymentGroupName"]
    for action in ("codedeploy:CreateDeployment", "codedeploy:GetDeployment"):
        check(action, deployment_group_arn(application, name))
    function = str(new["FunctionName"]).rpartition(":function:")[2].partition(":")[0]
    spec = AppSpec(
        function=function, alias=new["Name"], current=str(old[_VERSION]), target=str(new[_VERSION])
    )
    group = codedeploy.catalog.group(application, name)
    deployment = codedeploy.deploy(group, spec, creator="CloudFormation")
    deployment.ended.wait()
    if deployment.status != "Succeeded":
        raise AliasUpdateError(_reason(deployment))


def _reason(deployment: LambdaDeployment) -> str:
    code, message = deployment.error or ("INTERNAL_ERROR", "")
    return f"CodeDeploy deployment {deployment.id} {deployment.status}: {message} (Error code: {code})"


def _update_policy(stack: str, logical_id: str) -> Mapping[str, str] | None:
    """Returns the update policy of an alias with its references resolved; None without one."""
    operation = _operation.get()
    if operation is None:
        return None
    template, parameters = operation
    policy = (template["Resources"][logical_id].get("UpdatePolicy") or {}).get(_POLICY)
    if not policy:
        return None
    record = cloudformation._stacks[stack]
    found: Mapping[str, str] = engine._resolve_refs(
        copy.deepcopy(policy),
        record["_resources"],
        parameters,
        engine._evaluate_conditions(template, parameters),
        template.get("Mappings", {}),
        stack,
        record["StackId"],
    )
    return found


def _watch_operations() -> None:
    """Keeps the template of each operation; a rollback of the stack shifts its aliases at once."""
    deploy, roll_back = stacks._deploy_stack_async, stacks._roll_back_operation

    async def deploy_stack(
        name: str,
        id: str,
        template: Mapping[str, Any],
        parameters: Mapping[str, Any],
        *rest: Any,
        **more: Any,
    ) -> None:
        _operation.set((template, parameters))
        await deploy(name, id, template, parameters, *rest, **more)

    async def roll_back_operation(*arguments: Any, **more: Any) -> None:
        _operation.set(None)
        await roll_back(*arguments, **more)

    for module in _MODULES:
        for name, function in (
            ("_deploy_stack_async", deploy_stack),
            ("_roll_back_operation", roll_back_operation),
        ):
            if hasattr(module, name):
                setattr(module, name, function)


def _count_references() -> None:
    """Makes a resource depend on those that its update policy refers to, as on AWS.

    https://github.com/aws/aws-cdk/issues/13922 shows it by a circle through an update policy.
    """
    extract = engine._extract_deps

    def extract_all(resource: Mapping[str, Any], names: set[str]) -> set[str]:
        policy = {"Properties": resource.get("UpdatePolicy") or {}}
        found: set[str] = extract(resource, names) | extract(policy, names)
        return found

    engine._extract_deps = extract_all
