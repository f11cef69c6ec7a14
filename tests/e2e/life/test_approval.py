"""A person approves versions: a good one serves, and one that misses a golden row is undone and rejected."""

import json
from pathlib import Path

from local.iam_decisions import fetch_decisions
from tests.e2e.life.approvals import approve, register
from tests.e2e.support.account import Account, call
from tests.e2e.support.mailbox import subscribe
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle

SETTINGS = {
    "hosting": "lambda",
    "retrain": "manual",
    "data": "own",
    "approve": "manual",
    "alarm_email": "team@example.com",
}


def test_an_approved_version_serves_and_one_that_fails_in_service_is_undone(
    account: Account, tmp_path: Path
) -> None:
    # Given a deployed version, and two that wait for approval, of which one does not keep what it promises
    paths = [tmp_path / f"{name}/model.tar.gz" for name in ("first", "second", "third")]
    _, second, third = (
        write_tiny_bundle(path, weight=weight) for path, weight in zip(paths, (1.0, 2.0, 3.0), strict=True)
    )
    outputs = account.deploy(paths[0], **SETTINGS)
    [topic] = [found["TopicArn"] for found in account.aws.client("sns").list_topics()["Topics"]]
    mails = subscribe(account, topic)
    service = account.find()
    good = register(account, outputs, paths[1])
    bad = register(account, outputs, paths[2], promises=-0.2)

    def serving() -> str:
        answer = call("POST", service.url, body=EXAMPLE, key=service.api_key)
        return str(answer.body["model"]["version"])

    # When a person approves the good one, then it serves
    end = approve(account, outputs, good)
    assert end["status"] == "SUCCEEDED", end.get("cause")
    assert json.loads(end["output"])["outcome"] == "released"
    assert serving() == account.find().outputs["ModelVersion"] == second.manifest.version

    # When a person approves the other one, then it is rejected, and the one before serves
    end = approve(account, outputs, bad)
    assert (end["status"], end["error"]) == ("FAILED", "undone"), end
    assert serving() == account.find().outputs["ModelVersion"] == second.manifest.version
    rejected = account.aws.client("sagemaker").describe_model_package(ModelPackageName=bad)
    assert rejected["ModelApprovalStatus"] == "Rejected"
    assert "It failed in service: 1 of 1 golden rows differ" in rejected["ApprovalDescription"]
    told = [mail for mail in mails() if mail.startswith("Version ")]
    assert [mail.split()[1] for mail in told] == [second.manifest.version, third.manifest.version]

    # And nothing was refused, and nothing is left
    account.delete_stack(service.stack)
    assert fetch_decisions(account.aws).refused == []
    assert account.resources() == []
    assert account.aws.client("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    assert account.aws.client("stepfunctions").list_state_machines()["stateMachines"] == []
