"""Resources of retrainings: only with the setting, what starts a run, and what each role may do."""

import json
import re
from typing import Any

import pytest

from tests.stacks.support.synthesis import Stacks, Synthesis, Synthesizer

ON: dict[str, Any] = {"retrain": "manual", "data": "own"}


@pytest.fixture(scope="session")
def retrained(synthesizer: Synthesizer) -> Synthesis:
    return synthesizer.one(
        is_validated=True, **ON, approve="auto", hosting="lambda", alarm_email="team@example.com"
    )


def granted(stack: Synthesis, path: str) -> set[str]:
    """The actions of a policy."""
    return {
        action
        for statement in stack.by_path(path)["Properties"]["PolicyDocument"]["Statement"]
        for action in (
            statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        )
    }


def rule(stack: Synthesis, name: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.by_path(f"Triggers/{name}")["Properties"]
    return found


def test_without_the_setting_there_is_neither_state_machine_nor_training_image(stacks: Stacks) -> None:
    for stage in ("dev", "prod"):
        stack = stacks(stage, "lambda")
        assert "StepFunctions" not in stack.text
        assert stack.assets("dockerImages") == []


def test_the_training_image_is_an_asset_of_the_stage_that_trains(retrained: Synthesis) -> None:
    [image] = retrained.assets("dockerImages")

    assert image["source"]["dockerBuildTarget"] == "train"
    assert image["source"]["dockerFile"] == "serving/Dockerfile"


def test_each_function_may_do_what_its_states_need_and_no_more(retrained: Synthesis) -> None:
    log = {"logs:CreateLogStream", "logs:PutLogEvents"}
    states = "Retraining/States/{}/Role/DefaultPolicy/Resource"

    assert granted(retrained, states.format("Prepare")) == log | {
        "cloudformation:DescribeStacks",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "sagemaker:DescribeModelPackage",
        "sagemaker:ListModelPackages",
    }
    assert granted(retrained, states.format("Releaser")) == log | {
        "cloudformation:DescribeStacks",
        "cloudformation:UpdateStack",
        "ssm:GetParameters",
    }
    assert granted(retrained, states.format("Notifier")) == log | {
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "sns:Publish",
    }
    assert "sagemaker:CreateModelPackage" in granted(retrained, states.format("Registrar"))
    # Only one function may change what serves.
    others = [
        granted(retrained, states.format(name)) for name in ("Prepare", "Registrar", "Verifier", "Notifier")
    ]
    assert not any("cloudformation:UpdateStack" in actions for actions in others)


def test_the_releaser_may_read_what_the_template_names_in_parameter_store(retrained: Synthesis) -> None:
    policy = retrained.by_path("Retraining/States/Releaser/Role/DefaultPolicy/Resource")["Properties"]
    statements = policy["PolicyDocument"]["Statement"]
    [read] = [found["Resource"] for found in statements if found["Action"] == "ssm:GetParameters"]

    named = [
        parameter["Default"]
        for parameter in retrained.template["Parameters"].values()
        if parameter["Type"].startswith("AWS::SSM::Parameter::Value<")
    ]
    assert named == ["/cdk-bootstrap/hnb659fds/version"]
    assert read["Fn::Join"][1][-1].endswith(f":parameter{named[0]}")


@pytest.mark.parametrize(("auth", "action"), [("key", "apigateway:GET"), ("iam", "execute-api:Invoke")])
def test_golden_rows_are_sent_with_the_key_or_with_a_signature(
    synthesizer: Synthesizer, auth: str, action: str
) -> None:
    stack = synthesizer.one(**ON, auth=auth)

    verifier = granted(stack, "Retraining/States/Verifier/Role/DefaultPolicy/Resource")
    assert verifier & {"apigateway:GET", "execute-api:Invoke"} == {action}


def test_jobs_may_only_be_those_of_the_stack_and_only_with_the_role_of_jobs(retrained: Synthesis) -> None:
    policy = retrained.by_path("Retraining/Role/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]
    of_jobs = [one for one in policy["Statement"] if "sagemaker:CreateTrainingJob" in one["Action"]]
    passed = [one for one in policy["Statement"] if one["Action"] == "iam:PassRole"]

    assert [one["Resource"]["Fn::Join"][1][-1] for one in of_jobs] == [":training-job/tiny-*"]
    [statement] = passed
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    assert "RetrainingTrainerRole" in statement["Resource"]["Fn::GetAtt"][0]


def test_the_jobs_of_a_stack_with_a_long_name_are_those_that_its_role_may_create(
    synthesizer: Synthesizer,
) -> None:
    stack = synthesizer.one(
        is_validated=True, **ON, stack_name="Customer-Churn-Prediction-Model-Of-The-Whole-Company-Prod"
    )

    prepare = stack.by_path("Retraining/States/Prepare/Function/Resource")["Properties"]
    prefix = prepare["Environment"]["Variables"]["JOB_PREFIX"]
    policy = stack.by_path("Retraining/Role/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]
    [created] = [one for one in policy["Statement"] if "sagemaker:CreateTrainingJob" in one["Action"]]
    assert created["Resource"]["Fn::Join"][1][-1] == f":training-job/{prefix}-*"
    name = f"{prefix}-20261127060000-0a1b2c-train-0a1b2c3d"
    assert re.fullmatch(r"[a-z0-9](-*[a-z0-9]){0,62}", name)


def test_a_state_machine_names_no_partition(retrained: Synthesis) -> None:
    assert "arn:aws:" not in retrained.text


def test_jobs_may_read_rows_and_weather_and_nothing_else_of_their_buckets(synthesizer: Synthesizer) -> None:
    stack = synthesizer.one(**ON, weather="s3://archive/hours")

    policy = stack.by_path("Retraining/Trainer/Role/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]
    text = json.dumps([one for one in policy["Statement"] if one["Action"] == "s3:GetObject"])
    assert ":s3:::archive/hours/*" in text
    assert "/rows/*" in text
    [listed] = [one for one in policy["Statement"] if one["Action"] == "s3:ListBucket"]
    assert ":s3:::archive" in json.dumps(listed)
    assert "archive" not in synthesizer.one(**ON).text


def test_a_clock_starts_a_run(synthesizer: Synthesizer) -> None:
    stack = synthesizer.one(**{**ON, "retrain": "monthly"})

    found = rule(stack, "Clock")
    assert found["ScheduleExpression"] == "cron(0 6 1 * ? *)"
    assert json.loads(found["Targets"][0]["Input"]) == {"because": "schedule"}


def test_new_objects_start_a_run(synthesizer: Synthesizer) -> None:
    own = synthesizer.one(**{**ON, "retrain": "data"})
    foreign = synthesizer.one(retrain="data", data="s3://flights/a/b")

    bucket, _ = own.only("AWS::S3::Bucket")
    assert rule(own, "Arrived")["EventPattern"]["detail"] == {
        "bucket": {"name": [{"Ref": bucket}]},
        "object": {"key": [{"prefix": "rows/"}]},
    }
    assert "NotificationConfiguration" in own.by_path("Artifacts/Bucket/Resource")["Properties"]
    assert rule(foreign, "Arrived")["EventPattern"]["detail"] == {
        "bucket": {"name": ["flights"]},
        "object": {"key": [{"prefix": "a/b/"}]},
    }
    assert "NotificationConfiguration" not in foreign.by_path("Artifacts/Bucket/Resource")["Properties"]


def test_the_approval_of_a_person_releases_a_version(synthesizer: Synthesizer, retrained: Synthesis) -> None:
    found = rule(synthesizer.one(**ON), "Approved")

    assert found["EventPattern"]["detail"]["ModelApprovalStatus"] == ["Approved"]
    [target] = found["Targets"]
    template = target["InputTransformer"]["InputTemplate"].replace("<package>", "arn:package")
    assert json.loads(template) == {"because": "approval", "package": "arn:package"}
    # A version that the rule approves is released by the run itself.
    assert "Triggers/Approved" not in retrained.text
