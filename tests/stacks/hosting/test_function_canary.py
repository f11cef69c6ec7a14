from typing import Any

from stacks.hosting.guardrails.rollback_alarm import BAKE_SECONDS
from tests.stacks.support.synthesis import Resource, Stacks, Synthesis

GROUP = "Model/Update/Group"
DIMENSIONS = ("FunctionName", "Resource", "ExecutedVersion")


def group(synthesis: Synthesis) -> dict[str, Any]:
    return dict(synthesis.by_path(GROUP)["Properties"])


def rollback_alarms(synthesis: Synthesis) -> dict[str, Resource]:
    """The alarms that the deployment group names, by logical id."""
    alarms = synthesis.all("AWS::CloudWatch::Alarm")
    return {
        item["Name"]["Ref"]: alarms[item["Name"]["Ref"]]
        for item in group(synthesis)["AlarmConfiguration"]["Alarms"]
    }


def test_an_update_in_production_shifts_a_tenth_of_the_traffic_first(stacks: Stacks) -> None:
    synthesis = stacks("prod", "lambda")
    application, _ = synthesis.only("AWS::CodeDeploy::Application")
    deployment_group, _ = synthesis.only("AWS::CodeDeploy::DeploymentGroup")
    _, alias = synthesis.only("AWS::Lambda::Alias")

    assert alias["UpdatePolicy"] == {
        "CodeDeployLambdaAliasUpdate": {
            "ApplicationName": {"Ref": application},
            "DeploymentGroupName": {"Ref": deployment_group},
        }
    }
    assert group(synthesis)["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent10Minutes"
    # The name has the time that an endpoint bakes its canary.
    assert BAKE_SECONDS == 10 * 60


def test_development_shifts_all_traffic_at_once(stacks: Stacks) -> None:
    synthesis = stacks("dev", "lambda")

    assert "CodeDeploy" not in synthesis.text
    assert "UpdatePolicy" not in synthesis.only("AWS::Lambda::Alias")[1]


def test_alarms_on_errors_and_latency_of_the_new_version_roll_back(stacks: Stacks) -> None:
    synthesis = stacks("prod", "lambda")
    function = synthesis.by_path("Model/Function/Resource")
    version, _ = synthesis.only("AWS::Lambda::Version")

    found = {}
    for alarm in rollback_alarms(synthesis).values():
        properties = alarm["Properties"]
        dimensions = {item["Name"]: item["Value"] for item in properties["Dimensions"]}
        if properties["Namespace"] != "AWS/Lambda":
            continue
        assert sorted(dimensions) == sorted(DIMENSIONS)
        assert dimensions["ExecutedVersion"] == {"Fn::GetAtt": [version, "Version"]}
        assert dimensions["Resource"]["Fn::Join"][1][-1] == ":live"
        statistic = properties.get("Statistic") or properties["ExtendedStatistic"]
        found[properties["MetricName"]] = (statistic, properties["Threshold"])
    assert function["Type"] == "AWS::Lambda::Function"
    assert found == {"Errors": ("Average", 0.01), "Duration": ("p99", 1000)}
    assert group(synthesis)["AutoRollbackConfiguration"] == {
        "Enabled": True,
        "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
    }


def test_an_alarm_on_the_requests_that_the_new_version_refuses_rolls_back(stacks: Stacks) -> None:
    synthesis = stacks("prod", "lambda")
    function = synthesis.by_path("Model/Function/Resource")["Properties"]
    version, _ = synthesis.only("AWS::Lambda::Version")

    [alarm] = [
        one["Properties"]
        for one in rollback_alarms(synthesis).values()
        if one["Properties"]["MetricName"] == "RequestsRefused"
    ]
    assert (alarm["Namespace"], alarm["Statistic"], alarm["Threshold"]) == ("Predictions", "Average", 0.5)
    dimensions = {item["Name"]: item["Value"] for item in alarm["Dimensions"]}
    assert dimensions["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}
    assert "COUNT_REFUSALS" in function["Environment"]["Variables"]
    assert "COUNT_REFUSALS" not in stacks("dev", "lambda").text


def test_another_version_has_other_alarms(stacks: Stacks) -> None:
    synthesis = stacks("prod", "lambda")
    version, _ = synthesis.only("AWS::Lambda::Version")

    for alarm in rollback_alarms(synthesis).values():
        name = alarm["Properties"]["AlarmName"]["Fn::Join"][1]
        assert name[:2] == ["TinyProd-model-version-", {"Fn::GetAtt": [version, "Version"]}]


def test_no_alarm_depends_on_the_alias_whose_update_it_watches(stacks: Stacks) -> None:
    synthesis = stacks("prod", "lambda")
    alias, _ = synthesis.only("AWS::Lambda::Alias")

    # CloudFormation counts the references of an update policy too.
    for watched in (*rollback_alarms(synthesis).values(), synthesis.by_path(GROUP)):
        assert alias not in str(watched)


def test_codedeploy_may_move_this_alias_and_read_these_alarms_only(stacks: Stacks) -> None:
    synthesis = stacks("prod", "lambda")

    role = synthesis.by_path("Model/Update/Role/Resource")["Properties"]
    policy = synthesis.by_path("Model/Update/Role/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    moves, reads = policy["Statement"]
    assert "ManagedPolicyArns" not in role
    assert trust["Principal"] == {"Service": "codedeploy.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert moves["Action"] == [
        "lambda:GetAlias",
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:UpdateAlias",
    ]
    function, alias = moves["Resource"]
    assert alias == {"Fn::Join": ["", [function, ":live"]]}
    assert reads["Action"] == "cloudwatch:DescribeAlarms"
    assert reads["Resource"]["Fn::Join"][1][-1] == ":alarm:TinyProd-model-version-*"
