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
        removal_policy=removal_policy(keeps_data=keeps_data),
    )


def removal_policy(*, keeps_data: bool) -> RemovalPolicy:
    """Returns the removal policy of a resource with data: retained, or deleted with the stack.

    The rollback of a failed creation deletes it in both cases; the retained resource would be left without
    a stack, and block the next creation where it has a fixed name:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
    """
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if keeps_data else RemovalPolicy.DESTROY
