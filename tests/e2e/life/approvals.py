"""Versions that wait in the registry for approval, and the executions that an approval starts."""

import json
from pathlib import Path
from typing import Any

from bundle import read_archive, version_folder
from tests.e2e.support.account import Account
from tests.local.polling import until


def register(account: Account, outputs: dict[str, str], path: Path, *, promises: float = 0.0) -> str:
    """Lays out and registers a version, as Register does; its manifest adds to the golden probability."""
    version = read_archive(path).manifest.version
    manifest = json.loads(read_archive(path).manifest.encode())
    for golden in manifest["golden"]:
        golden["prediction"]["probability"] += promises
    folder = version_folder("tiny", version)
    s3, bucket = account.aws.client("s3"), outputs["ArtifactBucket"]
    s3.put_object(Bucket=bucket, Key=f"{folder}/model.tar.gz", Body=path.read_bytes())
    s3.put_object(Bucket=bucket, Key=f"{folder}/manifest.json", Body=json.dumps(manifest))
    created = account.aws.client("sagemaker").create_model_package(
        ModelPackageGroupName=outputs["ModelPackageGroup"],
        SourceUri=f"s3://{bucket}/{folder}/model.tar.gz",
        CustomerMetadataProperties={"version": version},
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
