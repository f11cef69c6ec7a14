"""Everything that looks at the stack before it is written."""

from collections.abc import Sequence

from aws_cdk import App, Stack, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from stacks.gates.acknowledged import acknowledge
from stacks.gates.house_rules import HouseRules


def guard(app: App, stack: Stack, *, models: Sequence[str]) -> None:
    """Makes findings of cdk-nag and of our own rules fail the synth, but for the acknowledged ones.

    CDK's own validation of templates comes on top; `@aws-cdk/core:validateAgainstDefaultRules` in cdk.json
    turns its findings into errors.

    Args:
        app: The application.
        stack: Its stack, complete.
        models: Names of the models.
    """
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app), HouseRules())
    acknowledge(stack, models=models)
