"""Log groups with a retention."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct


def make_log_group(scope: Construct, id: str, *, keeps_data: bool, name: str | None = None) -> logs.LogGroup:
    """Returns a log group with a retention of one month, deleted with the stack.

    Args:
        scope: Parent construct.
        id: Id of the construct.
        keeps_data: Retention of one year instead, and the group is retained when the stack is deleted.
        name: Name of the group, for services that write to a fixed one.
    """
    return logs.LogGroup(
        scope,
        id,
        log_group_name=name,
        retention=logs.RetentionDays.ONE_YEAR if keeps_data else logs.RetentionDays.ONE_MONTH,
        removal_policy=RemovalPolicy.RETAIN if keeps_data else RemovalPolicy.DESTROY,
    )
