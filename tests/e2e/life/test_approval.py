"""A person approves versions: a good one serves, and one that misses a golden row is undone and rejected."""

import json
from pathlib import Path
from typing import Any

from bundle import Bundle, version_folder
from local.iam_decisions import fetch_decisions
from tests.e2e.support.account import Account, call
from tests.e2e.support.mailbox import subscribe
from tests.local.polling import until
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle

SETTINGS = {
    "hosting": "lambda",
    "retrain": "manual",
    "data": "own",
    "approve": "manual",
    "alarm_email": "team@example.com",
}


def register(
    account: Account, outputs: dict[str, str], path: Path, bundle: Bundle, *, promises: float
) -> str:
    """Lays out and registers a version, as Register does; its manifest adds to the golden probability."""
    manifest = json.loads(bundle.manifest.encode())
    for golden in manifest["golden"]:
        golden["prediction"]["probability"] += promises
    folder = version_folder("tiny", bundle.manifest.version)
    s3, bucket = account.aws.client("s3"), outputs["ArtifactBucket"]
    s3.put_object(Bucket=bucket, Key=f"{folder}/model.tar.gz", Body=path.read_bytes())
    s3.put_object(Bucket=bucket, Key=f"{folder}/manifest.json", Body=json.dumps(manifest))
    created = account.aws.client("sagemaker").create_model_package(
        ModelPackageGroupName=outputs["ModelPackageGroup"],
        SourceUri=f"s3://{bucket}/{folder}/model.tar.gz",
        CustomerMetadataProperties={"version": bundle.manifest.version},
        ModelApprovalStatus="PendingManualApproval",
    )
    arn: str = created["ModelPackageArn"]
    return arn


def approve(account: Account, outputs: dict[str, str], package: str) -> dict[str, Any]:
    """Approves a version as the console does; returns the end of the execution that follows."""
    states, machine = account.aws.client("stepfunctions"), outputs["RetrainingArn"]

    def ended() -> list[dict[str, Any]]:
        listed = states.list_executions(stateMachineArn=machine)["executions"]
        found = [states.describe_execution(executionArn=one["executionArn"]) for one in listed]
        # The version of the deployment has an execution too.
        return [one for one in found if package in one["input"] and one["status"] != "RUNNING"]

    account.aws.client("sagemaker").update_model_package(
        ModelPackageArn=package, ModelApprovalStatus="Approved", ApprovalDescription="Looks good."
    )
    until(lambda: bool(ended()), seconds=300)
    [found] = ended()
    return found


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
    good = register(account, outputs, paths[1], second, promises=0.0)
    bad = register(account, outputs, paths[2], third, promises=-0.2)

    def serving() -> str:
        answer = call("POST", service.url, body=EXAMPLE, key=service.api_key)
        return str(answer.body["model"]["version"])

    # When a person approves the good one, then it serves
    end = approve(account, outputs, good)
    assert end["status"] == "SUCCEEDED", end
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
    assert fetch_decisions(account.aws).refused == []
    account.delete_stack(service.stack)
