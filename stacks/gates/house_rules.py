"""Our own rules as a validation plugin of the CDK."""

import json
from collections.abc import Iterator
from pathlib import Path

import jsii
from aws_cdk import (
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyViolatingResource,
    PolicyViolation,
)
from aws_cdk import PolicyValidationPluginReport as Report

from stacks.gates.rules import RULES
from stacks.gates.template import Template


@jsii.implements(IPolicyValidationPlugin)
class HouseRules:
    """Reports what breaks a rule of `RULES` in the templates of a synth."""

    @property
    def name(self) -> str:
        """What the report calls these rules."""
        return "House"

    @property
    def version(self) -> str:
        """Version of the rules; they have none of their own."""
        return "1.0.0"

    @property
    def rule_ids(self) -> list[str]:
        """The names of all rules."""
        return list(RULES)

    def validate(self, context: IPolicyValidationContext) -> Report:
        """Holds every template against every rule.

        Args:
            context: Knows where the templates were written.
        """
        violations = [found for path in context.template_paths for found in _violations(path)]
        return Report(success=not violations, violations=violations)


def _violations(path: str) -> Iterator[PolicyViolation]:
    template = Template(json.loads(Path(path).read_text())["Resources"])
    for name, rule in RULES.items():
        for finding in rule.check(template):
            yield PolicyViolation(
                rule_name=name,
                description=rule.sentence,
                severity="error",
                violating_resources=[
                    PolicyViolatingResource(
                        resource_logical_id=finding.logical_id,
                        template_path=path,
                        locations=[f"Properties/{finding.property}"],
                    )
                ],
            )
