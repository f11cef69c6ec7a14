from typing import Any

import pytest

from tests.stacks.support.synthesis import Stacks, Synthesis, Synthesizer

ENDPOINT = "AWS::SageMaker::Endpoint"
CONFIG = "AWS::SageMaker::EndpointConfig"
ALARM = "AWS::CloudWatch::Alarm"


def variant(synthesis: Synthesis) -> dict[str, Any]:
    [found] = synthesis.properties(CONFIG)["ProductionVariants"]
    return dict(found)


def update_policy(synthesis: Synthesis) -> dict[str, Any]:
    return dict(synthesis.properties(ENDPOINT)["DeploymentConfig"]["BlueGreenUpdatePolicy"])


def test_the_endpoint_is_named_after_the_stack_and_its_variant_always_the_same(stack: Synthesis) -> None:
    assert stack.properties(ENDPOINT)["EndpointName"] == stack.stacks[0]
    assert variant(stack)["VariantName"] == "primary"


def test_the_instances_are_those_of_the_settings(
    stacks: Stacks, stack: Synthesis, synthesizer: Synthesizer
) -> None:
    larger = synthesizer.one(instance_type="ml.c7i.xlarge", instance_count="3")

    found = [
        (variant(synthesis)["InstanceType"], variant(synthesis)["InitialInstanceCount"])
        for synthesis in (stack, stacks("prod", "realtime"), larger)
    ]
    assert found == [("ml.m5.large", 1), ("ml.m5.large", 2), ("ml.c7i.xlarge", 3)]


def test_the_startup_timeout_of_the_container_is_a_few_minutes(stack: Synthesis) -> None:
    assert 60 <= variant(stack)["ContainerStartupHealthCheckTimeoutInSeconds"] <= 180


def test_the_container_has_no_network(stacks: Stacks) -> None:
    for stage in ("dev", "prod"):
        model = stacks(stage, "realtime").properties("AWS::SageMaker::Model")
        assert model["EnableNetworkIsolation"] is True


def test_one_instance_is_updated_at_once_and_more_by_a_canary(stacks: Stacks, stack: Synthesis) -> None:
    one, two = (update_policy(synthesis) for synthesis in (stack, stacks("prod", "realtime")))

    assert one["TrafficRoutingConfiguration"] == {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    canary = two["TrafficRoutingConfiguration"]
    assert canary["Type"] == "CANARY"
    assert canary["CanarySize"] == {"Type": "INSTANCE_COUNT", "Value": 1}
    assert canary["WaitIntervalInSeconds"] >= 300


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_the_bake_time_of_an_update_covers_every_alarm(stacks: Stacks, stage: str) -> None:
    synthesis = stacks(stage, "realtime")
    policy = update_policy(synthesis)

    seconds = [
        synthesis.template["Resources"][name]["Properties"]["Period"]
        * synthesis.template["Resources"][name]["Properties"]["EvaluationPeriods"]
        for name in rollback_alarms(synthesis)
    ]
    waits = (
        policy["TerminationWaitInSeconds"] + policy["TrafficRoutingConfiguration"]["WaitIntervalInSeconds"]
    )
    assert max(seconds) < policy["TerminationWaitInSeconds"]
    assert waits + 1200 < policy["MaximumExecutionTimeoutInSeconds"]


def rollback_alarms(synthesis: Synthesis) -> list[str]:
    alarms = synthesis.properties(ENDPOINT)["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
    return [alarm["AlarmName"]["Ref"] for alarm in alarms]


def test_errors_of_the_model_and_its_latency_roll_an_update_back(stack: Synthesis) -> None:
    alarms = [stack.template["Resources"][name]["Properties"] for name in rollback_alarms(stack)]

    watched = {alarm["MetricName"]: alarm for alarm in alarms}
    assert set(watched) == {"Invocation5XXErrors", "InvocationModelErrors", "ModelLatency"}
    assert watched["ModelLatency"]["ExtendedStatistic"] == "p99"
    assert watched["ModelLatency"]["Threshold"] == 1_000_000
    for alarm in alarms:
        # The name instead of a reference, which would be a circular dependency.
        assert {value["Name"]: value["Value"] for value in alarm["Dimensions"]} == {
            "EndpointName": stack.stacks[0],
            "VariantName": "primary",
            "EndpointConfigName": {"Fn::GetAtt": [stack.only(CONFIG)[0], "EndpointConfigName"]},
        }
        assert alarm["TreatMissingData"] == "notBreaching"


def test_each_configuration_has_roll_back_alarms_of_its_own(stack: Synthesis) -> None:
    names = [
        stack.template["Resources"][name]["Properties"]["AlarmName"]["Fn::Join"][1]
        for name in rollback_alarms(stack)
    ]

    # An alarm that a failing version has raised is not one of the update that replaces the version.
    config = {"Fn::GetAtt": [stack.only(CONFIG)[0], "EndpointConfigName"]}
    assert all(name[:2] == [f"{stack.stacks[0]}-endpoint-", config] for name in names)
    assert len({name[2] for name in names}) == 3


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_the_models_role_may_describe_the_rollback_alarms_and_no_others(stacks: Stacks, stage: str) -> None:
    synthesis = stacks(stage, "realtime")

    [granted] = [
        found for found in role_statements(synthesis) if "cloudwatch:DescribeAlarms" in found["Action"]
    ]
    assert granted["Action"] == "cloudwatch:DescribeAlarms"
    # By the prefix of their names: the alarms depend on the configuration, and so on the role.
    assert granted["Resource"]["Fn::Join"][1][-1] == f":alarm:{synthesis.stacks[0]}-endpoint-*"


def test_some_invalid_rows_do_not_roll_an_update_back(stack: Synthesis) -> None:
    [alarm] = [
        found["Properties"]
        for found in stack.all(ALARM).values()
        if found["Properties"]["MetricName"] == "InvocationModelErrors"
    ]

    assert (alarm["Statistic"], alarm["Threshold"]) == ("Average", 0.5)


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_nothing_is_captured_by_default(stacks: Stacks, stage: str) -> None:
    synthesis = stacks(stage, "realtime")

    assert "DataCaptureConfig" not in synthesis.properties(CONFIG)
    assert "s3:PutObject" not in str(role_statements(synthesis))


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_detailed_observability_is_off_unless_asked_for(
    stacks: Stacks, synthesizer: Synthesizer, stage: str
) -> None:
    asked = synthesizer.one(stage=stage, detailed_observability="true")

    found = [
        synthesis.properties(CONFIG)["MetricsConfig"] for synthesis in (stacks(stage, "realtime"), asked)
    ]
    assert found == [{"EnableDetailedObservability": False}, {"EnableDetailedObservability": True}]


def role_statements(synthesis: Synthesis) -> list[dict[str, Any]]:
    policy = synthesis.by_path("Model/Hosted/Role/DefaultPolicy/Resource")
    return list(policy["Properties"]["PolicyDocument"]["Statement"])


def test_the_percentage_of_requests_is_captured_below_its_own_prefix(
    synthesizer: Synthesizer,
) -> None:
    synthesis = synthesizer.one(data_capture_percent="25")

    capture = synthesis.properties(CONFIG)["DataCaptureConfig"]
    bucket, _ = synthesis.only("AWS::S3::Bucket")
    assert (capture["EnableCapture"], capture["InitialSamplingPercentage"]) == (True, 25)
    assert capture["CaptureOptions"] == [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}]
    assert capture["DestinationS3Uri"]["Fn::Join"][1] == ["s3://", {"Ref": bucket}, "/captures"]
    [writes] = [found for found in role_statements(synthesis) if "s3:PutObject" in found["Action"]]
    assert writes["Action"] == "s3:PutObject"
    assert writes["Resource"]["Fn::Join"][1] == [{"Fn::GetAtt": [bucket, "Arn"]}, "/captures/*"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "bucket_arn"),
    [
        ("own", {"Fn::GetAtt": ["{bucket}", "Arn"]}),
        ("s3://flights/to/score", {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::flights"]]}),
    ],
)
@pytest.mark.parametrize("hosting", ["realtime", "serverless"])
def test_batch_transform_jobs_may_read_and_write_one_folder_and_their_log(
    synthesizer: Synthesizer, hosting: str, place: str, bucket_arn: dict[str, Any]
) -> None:
    synthesis = synthesizer.one(is_validated=True, hosting=hosting, scoring_data=place)

    name, _ = synthesis.only("AWS::S3::Bucket")
    policy = synthesis.by_path("Model/Scoring/Policy/Resource")["Properties"]
    model = synthesis.properties("AWS::SageMaker::Model")
    assert policy["Roles"] == [{"Ref": model["ExecutionRoleArn"]["Fn::GetAtt"][0]}]
    objects, listing, log, *keys = policy["PolicyDocument"]["Statement"]
    assert objects["Action"] == ["s3:GetObject", "s3:PutObject"]
    text = str(objects["Resource"])
    assert (f"'{name}'" in text, "flights" in text) == (place == "own", place != "own")
    assert text.rpartition("/*")[0].endswith("/scores" if place == "own" else "/to/score")
    assert listing["Action"] == "s3:ListBucket"
    assert str(listing["Resource"]) == str(bucket_arn).replace("{bucket}", name)
    assert "/aws/sagemaker/TransformJobs" in str(log["Resource"])
    # The artifact bucket has no key of its own.
    actions = [] if place == "own" else [["kms:Decrypt", "kms:GenerateDataKey"]]
    assert [key["Action"] for key in keys] == actions


def test_only_sagemaker_in_this_account_may_assume_the_models_role(stack: Synthesis) -> None:
    [statement] = stack.by_path("Model/Hosted/Role/Resource")["Properties"]["AssumeRolePolicyDocument"][
        "Statement"
    ]

    assert statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    source = "".join(
        part if isinstance(part, str) else part["Ref"]
        for part in statement["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Join"][1]
    )
    assert source == "arn:AWS::Partition:sagemaker:AWS::Region:AWS::AccountId:*"


def test_the_model_depends_on_the_policy_of_its_role(stack: Synthesis) -> None:
    _, model = stack.only("AWS::SageMaker::Model")

    role = model["Properties"]["ExecutionRoleArn"]["Fn::GetAtt"][0]
    policies = [
        name
        for name, policy in stack.all("AWS::IAM::Policy").items()
        if {"Ref": role} in policy["Properties"]["Roles"]
    ]
    assert policies
    assert set(policies) <= set(model["DependsOn"])


@pytest.mark.parametrize("hosting", ["realtime", "serverless"])
def test_the_configuration_that_serves_is_checked_before_cloudformation_deletes_the_one_before(
    stacks: Stacks, hosting: str
) -> None:
    stack = stacks("dev", hosting)
    endpoint, _ = stack.only("AWS::SageMaker::Endpoint")
    config, _ = stack.only("AWS::SageMaker::EndpointConfig")
    check = stack.by_path("Model/Served/Check/Default")
    properties, policy = check["Properties"], stack.by_path("Model/Served/Policy/Resource")

    # The endpoint's name is a reference, so the check runs after the update of the endpoint.
    assert properties["EndpointName"] == {"Fn::GetAtt": [endpoint, "EndpointName"]}
    assert properties["EndpointConfigName"] == {"Fn::GetAtt": [config, "EndpointConfigName"]}
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("sagemaker:DescribeEndpoint", {"Ref": endpoint})
    conditions = {part.get("Condition") for part in (check, policy)}
    assert conditions == ({"Serves"} if hosting == "realtime" else {None})
