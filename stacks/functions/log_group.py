"""Log groups that end: none is kept for ever."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct


def make_log_group(scope: Construct, id: str, *, keeps_data: bool, name: str | None = None) -> logs.LogGroup:
    """A log group kept for a month and gone with the stack, or for a year and left behind.

    Args:
        scope: Where it belongs.
        id: Its id there.
        keeps_data: Whether what was logged outlives the stack.
        name: Its name, where a service looks for one.
    """
    return logs.LogGroup(
        scope,
        id,
        log_group_name=name,
        retention=logs.RetentionDays.ONE_YEAR if keeps_data else logs.RetentionDays.ONE_MONTH,
        removal_policy=RemovalPolicy.RETAIN if keeps_data else RemovalPolicy.DESTROY,
    )
