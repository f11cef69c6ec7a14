"""Validation plugin of the CDK that applies the project's rules."""

import json
from collections.abc import Iterator
from pathlib import Path

import jsii
from aws_cdk import (
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
)

from stacks.gates.template_resources import Template
from stacks.gates.template_rules import RULES


@jsii.implements(IPolicyValidationPlugin)
class RulesPlugin:
    """Reports violations of `RULES` in the templates of a synth."""

    @property
    def name(self) -> str:
        """Name of the plugin in reports, and prefix of its rules in acknowledgments."""
        return "House"

    @property
    def version(self) -> str:
        """Version of the rules; it is constant."""
        return "1.0.0"

    @property
    def rule_ids(self) -> list[str]:
        """Ids of all rules."""
        return list(RULES)

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Applies every rule to every template.

        Args:
            context: Has the paths of the templates.
        """
        violations = [found for path in context.template_paths for found in _violations(path)]
        return PolicyValidationPluginReport(success=not violations, violations=violations)


def _violations(path: str) -> Iterator[PolicyViolation]:
    template = Template(json.loads(Path(path).read_text(encoding="utf-8"))["Resources"])
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
