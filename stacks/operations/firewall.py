"""AWS WAF web ACL of the API."""

from collections.abc import Sequence

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from stacks.functions.log_group import make_log_group

# WAF counts the requests of an IP address over five minutes, and its limit is 10 at least:
# https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-high-level-settings.html
_WINDOW_SECONDS = 300
_MANAGED_RULES = {
    # It blocks bodies above 8 KB, and API Gateway already limits them: count instead of block.
    "AWSManagedRulesCommonRuleSet": ["SizeRestrictions_BODY"],
    "AWSManagedRulesKnownBadInputsRuleSet": [],
}
_SECRET_HEADERS = ("x-api-key", "authorization")


class Firewall(Construct):
    """Regional web ACL of a stage: AWS managed rules, a rate limit per IP address, and a log.

    https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
    """

    def __init__(
        self, scope: Construct, id: str, *, stage: apigateway.Stage, rate_limit: int, keeps_data: bool
    ) -> None:
        super().__init__(scope, id)
        acl = wafv2.CfnWebACL(
            self,
            "WebAcl",
            scope="REGIONAL",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visibility("WebAcl"),
            rules=_make_rules(rate_limit),
        )
        wafv2.CfnWebACLAssociation(
            self, "Association", resource_arn=stage.stage_arn, web_acl_arn=acl.attr_arn
        )
        self._log(acl, keeps_data=keeps_data)

    def _log(self, acl: wafv2.CfnWebACL, *, keeps_data: bool) -> None:
        # WAF needs this name prefix, and the ARN without the suffix `:*`.
        name = f"aws-waf-logs-{Stack.of(self).stack_name}"
        group = make_log_group(self, "Log", name=name, keeps_data=keeps_data)
        # A retained group would block the next stack of this name.
        group.apply_removal_policy(RemovalPolicy.DESTROY)
        group_arn = Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name=group.log_group_name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        wafv2.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=acl.attr_arn,
            log_destination_configs=[group_arn],
            redacted_fields=[
                wafv2.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": header})
                for header in _SECRET_HEADERS
            ],
        )


def _make_rules(rate_limit: int) -> list[wafv2.CfnWebACL.RuleProperty]:
    limit = wafv2.CfnWebACL.RuleProperty(
        name="OneAddress",
        priority=0,
        action=wafv2.CfnWebACL.RuleActionProperty(block={}),
        statement=wafv2.CfnWebACL.StatementProperty(
            rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                limit=rate_limit * _WINDOW_SECONDS, aggregate_key_type="IP"
            )
        ),
        visibility_config=_visibility("OneAddress"),
    )
    managed = [
        _managed_rule(name, priority=priority, counted=counted)
        for priority, (name, counted) in enumerate(_MANAGED_RULES.items(), start=1)
    ]
    return [limit, *managed]


def _managed_rule(name: str, *, priority: int, counted: Sequence[str]) -> wafv2.CfnWebACL.RuleProperty:
    return wafv2.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
        statement=wafv2.CfnWebACL.StatementProperty(
            managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
                vendor_name="AWS",
                name=name,
                rule_action_overrides=[
                    wafv2.CfnWebACL.RuleActionOverrideProperty(
                        name=rule, action_to_use=wafv2.CfnWebACL.RuleActionProperty(count={})
                    )
                    for rule in counted
                ],
            )
        ),
        visibility_config=_visibility(name),
    )


def _visibility(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        metric_name=name, cloud_watch_metrics_enabled=True, sampled_requests_enabled=True
    )
