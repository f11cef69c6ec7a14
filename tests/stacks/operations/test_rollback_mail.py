"""Mail of a rolled-back update: the rules, their sentences, and who may publish."""

import json
from typing import Any

import pytest

from tests.stacks.support.synthesis import Synthesis, Synthesizer, while_serving

RULE = "AWS::Events::Rule"


@pytest.fixture(scope="module")
def mailed(synthesizer: Synthesizer) -> Synthesis:
    return synthesizer.one(alarm_email="team@example.com")


def rule(stack: Synthesis, id: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.by_path(f"RollbackMail/{id}")["Properties"]
    return found


def test_a_rolled_back_update_of_this_endpoint_is_mailed(mailed: Synthesis) -> None:
    endpoint, _ = mailed.only("AWS::SageMaker::Endpoint")
    topic, _ = mailed.only("AWS::SNS::Topic")
    found = rule(mailed, "RolledBack")

    assert while_serving(found["EventPattern"]) == {
        "source": ["aws.sagemaker"],
        "resources": [{"Ref": endpoint}],
        "detail-type": ["SageMaker Endpoint Deployment State Change"],
        "detail": {
            "PendingDeploymentSummary": {"ProductionVariants": {"VariantStatus": {"Status": ["Deleting"]}}}
        },
    }
    [target] = found["Targets"]
    assert target["Arn"] == {"Ref": topic}


def test_a_rollback_that_failed_is_mailed(mailed: Synthesis) -> None:
    pattern = rule(mailed, "NotRolledBack")["EventPattern"]

    assert pattern["detail-type"] == ["SageMaker Endpoint State Change"]
    assert pattern["detail"] == {"EndpointStatus": ["UPDATE_ROLLBACK_FAILED"]}


@pytest.mark.parametrize("id", ["RolledBack", "NotRolledBack"])
def test_a_mail_is_one_sentence_without_an_unknown_variable(mailed: Synthesis, id: str) -> None:
    [target] = rule(mailed, id)["Targets"]
    transformer = target["InputTransformer"]
    sentence = json.loads(transformer["InputTemplate"])

    named = {word.partition("<")[2].partition(">")[0] for word in sentence.split() if "<" in word}
    assert named == transformer["InputPathsMap"].keys()
    assert sentence.count(".") == 1
    assert sentence.endswith(".")


def test_the_topic_and_its_key_admit_eventbridge_without_a_condition(mailed: Synthesis) -> None:
    """EventBridge gives no condition keys to the policy of a topic."""
    _, key = mailed.only("AWS::KMS::Key")
    topic = mailed.properties("AWS::SNS::TopicPolicy")["PolicyDocument"]

    for document, action in ((topic, "sns:Publish"), (key["Properties"]["KeyPolicy"], "kms:Decrypt")):
        [allowed] = [
            one
            for one in document["Statement"]
            if one["Principal"] == {"Service": "events.amazonaws.com"} and action in one["Action"]
        ]
        assert "Condition" not in allowed


@pytest.mark.parametrize(
    "settings",
    [{}, {"alarm_email": "team@example.com", "hosting": "serverless"}],
    ids=["without an address", "without guardrails"],
)
def test_other_stacks_have_no_rule_and_do_not_admit_eventbridge(
    synthesizer: Synthesizer, settings: dict[str, Any]
) -> None:
    stack = synthesizer.one(**settings)

    assert stack.all(RULE) == {}
    assert "events.amazonaws.com" not in stack.text
