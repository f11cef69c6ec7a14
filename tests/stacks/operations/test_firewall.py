from typing import Any

import pytest

from tests.stacks.support.synthesis import Synthesis, Synthesizer

WEB_ACL = "AWS::WAFv2::WebACL"


@pytest.fixture(scope="module")
def guarded(synthesizer: Synthesizer) -> Synthesis:
    return synthesizer.one(waf="true")


def rules(guarded: Synthesis) -> dict[str, dict[str, Any]]:
    return {rule["Name"]: rule for rule in guarded.properties(WEB_ACL)["Rules"]}


def test_there_is_no_firewall_by_default(stack: Synthesis) -> None:
    assert "AWS::WAFv2" not in stack.text


def test_the_firewall_is_on_the_stage(guarded: Synthesis) -> None:
    association = guarded.properties("AWS::WAFv2::WebACLAssociation")

    assert guarded.properties(WEB_ACL)["Scope"] == "REGIONAL"
    assert association["WebACLArn"] == {"Fn::GetAtt": [guarded.only(WEB_ACL)[0], "Arn"]}
    assert {"Ref": guarded.only("AWS::ApiGateway::Stage")[0]} in association["ResourceArn"]["Fn::Join"][1]


def test_a_batch_of_rows_is_not_too_large_for_the_common_rules(guarded: Synthesis) -> None:
    common = rules(guarded)["AWSManagedRulesCommonRuleSet"]

    [exception] = common["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
    assert exception == {"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}
    assert common["OverrideAction"] == {"None": {}}


def test_known_bad_inputs_are_blocked_without_exception(guarded: Synthesis) -> None:
    known = rules(guarded)["AWSManagedRulesKnownBadInputsRuleSet"]

    assert not known["Statement"]["ManagedRuleGroupStatement"].get("RuleActionOverrides")
    assert known["OverrideAction"] == {"None": {}}


def test_the_rate_limit_of_an_address_is_that_of_the_stage(guarded: Synthesis) -> None:
    one_address = rules(guarded)["OneAddress"]

    rate = one_address["Statement"]["RateBasedStatement"]
    [stage] = [
        setting
        for setting in guarded.properties("AWS::ApiGateway::Stage")["MethodSettings"]
        if setting["ResourcePath"] == "/*"
    ]
    assert one_address["Action"] == {"Block": {}}
    assert rate == {"AggregateKeyType": "IP", "Limit": 5 * 60 * stage["ThrottlingRateLimit"]}


def test_the_firewalls_log_redacts_keys_and_signatures(guarded: Synthesis) -> None:
    logging = guarded.properties("AWS::WAFv2::LoggingConfiguration")
    group = guarded.by_path("Firewall/Log/Resource")

    assert group["Properties"]["LogGroupName"] == "aws-waf-logs-Tiny"
    assert group["Properties"]["RetentionInDays"] == 30
    [destination] = logging["LogDestinationConfigs"]
    assert "*" not in str(destination)
    redacted = {field["SingleHeader"]["Name"] for field in logging["RedactedFields"]}
    assert redacted == {"x-api-key", "authorization"}
