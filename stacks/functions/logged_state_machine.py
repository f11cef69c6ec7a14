"""State machine of Step Functions with a log and a role of its own."""

from collections.abc import Mapping, Sequence

from aws_cdk import ArnFormat, Aws, CfnResource, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.functions.log_group import make_log_group
from stacks.functions.unique_name_suffix import unique_name_suffix

# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
_LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)

# CloudWatch Logs admits the deliverer to a log group by a resource policy of the account, which has 5,120
# characters for all groups, except for those with this prefix:
# https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
_LOG_PREFIX = "/aws/vendedlogs/states"


def make_state_machine_role(
    scope: Construct, id: str, *, grants: Mapping[tuple[str, ...], Sequence[str]]
) -> iam.Role:
    """Makes the role of a state machine, which may also deliver its log.

    Args:
        scope: Parent construct.
        id: Id of the role.
        grants: ARNs of the resources by the actions on them.
    """
    role = iam.Role(
        scope,
        id,
        # https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html#prevent-cross-service-confused-deputy
        assumed_by=iam.ServicePrincipal(
            "states.amazonaws.com",
            conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
        ),
    )
    for actions, resources in {**grants, _LOG_DELIVERY: ["*"]}.items():
        role.add_to_policy(iam.PolicyStatement(actions=[*actions], resources=[*resources]))
    return role


def make_state_machine(
    scope: Construct,
    id: str,
    *,
    definition: sfn.DefinitionBody,
    role: iam.Role,
    keeps_data: bool,
    timeout: Duration | None = None,
) -> sfn.StateMachine:
    """Makes a state machine whose log has no data of executions.

    Args:
        scope: Parent construct.
        id: Id of the state machine.
        definition: Its definition.
        role: Its role, of `make_state_machine_role`.
        keeps_data: Whether the log outlives the stack.
        timeout: Time limit of an execution; None for Step Functions' own.
    """
    machine = sfn.StateMachine(
        scope,
        id,
        definition_body=definition,
        # The CDK would grant actions on all objects, and on all versions of a function.
        role=role.without_policy_updates(),
        timeout=timeout,
        tracing_enabled=False,
        logs=sfn.LogOptions(
            destination=make_log_group(
                scope,
                "Log",
                keeps_data=keeps_data,
                name=f"{_LOG_PREFIX}/{Stack.of(scope).stack_name}-{scope.node.id}-{unique_name_suffix()}",
            ),
            level=sfn.LogLevel.ALL,
            include_execution_data=False,
        ),
    )
    # Step Functions checks the permissions of the role when it creates the state machine. The CDK adds the
    # role too, to which the reference implies the order.
    policy = role.node.find_child("DefaultPolicy").node.default_child
    resource = machine.node.default_child
    if isinstance(policy, CfnResource) and isinstance(resource, CfnResource):
        resource.add_override("DependsOn", [policy.logical_id])
    return machine


def arn_of_executions(machine: sfn.StateMachine) -> str:
    """Returns the pattern of the ARNs of a state machine's executions."""
    return Stack.of(machine).format_arn(
        service="states",
        resource="execution",
        resource_name=f"{machine.state_machine_name}:*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
