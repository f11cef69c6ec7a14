"""Validation plugins of the application."""

from collections.abc import Sequence

from aws_cdk import App, Stack, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from stacks.gates.rules_plugin import RulesPlugin
from stacks.gates.suppressions import acknowledge_findings


def add_validations(app: App, stack: Stack, *, models: Sequence[str], hosting: str) -> None:
    """Makes the synth fail on findings of cdk-nag and of the project's rules, except for the accepted ones.

    `@aws-cdk/core:validateAgainstDefaultRules` in cdk.json adds the CDK's own validation of templates.

    Args:
        app: The application.
        stack: Its complete stack.
        models: Names of the models.
        hosting: Hosting of the models.
    """
    Validations.of(app).add_plugins(
        AwsSolutionsChecks(app, write_suppressions_to_cloud_formation=True),
        ServerlessChecks(app),
        RulesPlugin(),
    )
    acknowledge_findings(stack, models=models, hosting=hosting)
