"""Suffix that makes names of a stack's resources unique."""

from aws_cdk import Aws, Fn


def unique_name_suffix() -> str:
    """Returns the first digits of the stack's id, which no other stack has, also none of the same name.

    A resource with a name that is retained when the stack is deleted would block the next stack without them.
    The id is an ARN that ends in stack/<name>/<UUID>.
    """
    return Fn.select(0, Fn.split("-", Fn.select(2, Fn.split("/", Aws.STACK_ID))))
