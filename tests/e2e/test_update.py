"""Updates of a deployed stack, its deletion, and a first creation that fails."""

from pathlib import Path

import pytest
from botocore.exceptions import WaiterError

from tests.e2e.support.account import Account, call, context
from tests.local.polling import PATIENT_WAITER
from tests.tiny_bundle import write_tiny_bundle


def test_a_changed_bundle_updates_the_endpoint_and_destroy_deletes_the_stack(
    account: Account, tmp_path: Path
) -> None:
    # Given a deployed stack
    old = write_tiny_bundle(tmp_path / "old.tar.gz")
    before = account.deploy(tmp_path / "old.tar.gz")

    # When a changed model is deployed by the command, then it serves from the same endpoint
    new = write_tiny_bundle(tmp_path / "new.tar.gz", weight=2.0)
    settings = context(model="tiny", bundle=str(tmp_path / "new.tar.gz"))
    account.local("deploy", *settings)
    after = account.outputs()
    assert (before["ModelVersion"], after["ModelVersion"]) == (old.manifest.version, new.manifest.version)
    assert after["EndpointName"] == before["EndpointName"]
    health = call("GET", account.find().url.replace("/predict", "/health"))
    assert health.body["model"]["version"] == new.manifest.version

    # From a model whose address has the version
    [model] = account.aws.client("sagemaker").list_models()["Models"]
    described = account.aws.client("sagemaker").describe_model(ModelName=model["ModelName"])
    assert f"/{new.manifest.version}/" in described["PrimaryContainer"]["ModelDataUrl"]

    # And `cdk destroy` leaves no resource, and needs no bundle
    (tmp_path / "new.tar.gz").unlink()
    account.local("destroy", *settings)
    assert account.resources() == []
    assert before["ArtifactBucket"] not in buckets(account)


def test_a_stack_with_every_optional_part_predicts_for_signed_requests(
    account: Account, tmp_path: Path
) -> None:
    write_tiny_bundle(tmp_path / "full.tar.gz", name="full")
    settings = {
        "stage": "prod",
        "auth": "iam",
        "waf": "true",
        "alarm_email": "team@example.com",
        "budget": "50",
    }

    outputs = account.deploy(tmp_path / "full.tar.gz", model="full", **settings)

    assert "ApiKeyId" not in outputs
    printed = account.local("predict", "--model", "full", "--row", '{"size": 0}').stdout
    assert outputs["ModelVersion"] in printed
    assert call("POST", account.find("full").url, body={"size": 0}).status == 403
    account.delete_stack("FullProd")


def test_a_failed_first_creation_leaves_nothing_that_blocks_or_costs(
    account: Account, tmp_path: Path
) -> None:
    # Given an endpoint of the name that the stack is to have
    write_tiny_bundle(tmp_path / "tiny.tar.gz")
    account.deploy(tmp_path / "tiny.tar.gz")
    sagemaker = account.aws.client("sagemaker")
    config = sagemaker.describe_endpoint(EndpointName="Tiny")["EndpointConfigName"]
    sagemaker.create_endpoint(EndpointName="TinyProd", EndpointConfigName=config)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="TinyProd", WaiterConfig=PATIENT_WAITER)
    kept = buckets(account)
    groups = log_groups(account)

    # When the stack is deployed for the first time, which fails after the bundle is in its bucket
    with pytest.raises(WaiterError):
        account.deploy(tmp_path / "tiny.tar.gz", stage="prod")

    # Then the rollback deletes the bucket with the bundle and the log groups
    [stack] = account.aws.client("cloudformation").describe_stacks(StackName="TinyProd")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert buckets(account) == kept
    assert log_groups(account) == groups
    sagemaker.delete_endpoint(EndpointName="TinyProd")
    account.delete_stack("Tiny")


def buckets(account: Account) -> set[str]:
    return {bucket["Name"] for bucket in account.aws.client("s3").list_buckets()["Buckets"]}


def log_groups(account: Account) -> set[str]:
    groups = account.aws.client("logs").describe_log_groups()["logGroups"]
    return {group["logGroupName"] for group in groups}
