"""What a release notes in the registry, and the version that a rollback releases."""

from collections.abc import Iterator
from typing import Any

import pytest

from stacks.commands.aws_account import AwsAccount
from stacks.commands.current_stack import CurrentStack
from stacks.commands.models.registry import Registry
from stacks.commands.release.candidate import ReleaseError
from stacks.commands.release.registration import Registration, reject_undone, version_before
from tests.local.sagemaker.registry.served_registry import registry_client, serve_registry
from tests.stacks.support.aws_server import AwsServer
from tests.tiny_bundle import tiny_manifest

FIRST, SECOND = "ab12cd34ef56", "000000000002"


@pytest.fixture
def account(aws: AwsServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsAccount]:
    """An account whose registry has the group tiny."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    with serve_registry() as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", url)
        client = registry_client(url)
        client.create_model_package_group(ModelPackageGroupName="tiny")
        client.close()
        yield AwsAccount({"AWS_REGION": "us-east-1"}, verb="promote")


def stack(serving: str) -> CurrentStack:
    outputs = {"ModelVersion": serving, "ModelPackageGroup": "tiny", "Models": "tiny"}
    parts: dict[str, Any] = {"hosting": "lambda", "stage": "dev", "instance_type": None}
    return CurrentStack(
        name="Tiny", is_scaled=False, sets_logging_role=False, parameters={}, outputs=outputs, **parts
    )


def begin(account: AwsAccount, version: str) -> Registration:
    manifest = tiny_manifest(version=version)
    return Registration(account, stack(FIRST), manifest, url=f"s3://b/{version}")


def package(account: AwsAccount, version: str) -> Any:
    return Registry(account, "tiny").find(version)


def register(account: AwsAccount, version: str, **properties: str) -> None:
    properties = {"version": version, **properties}
    Registry(account, "tiny").register(properties, url=f"s3://b/{version}", like=None, approval="Approved")


def test_a_version_is_registered_before_and_approved_after_it_serves(account: AwsAccount) -> None:
    registration = begin(account, SECOND)
    before = package(account, SECOND)
    registration.approve("released with make promote")
    after = package(account, SECOND)

    assert (before.approval, before.properties["source"]) == ("PendingManualApproval", "promotion")
    assert (after.approval, after.approved_by) == ("Approved", "user/ada: released with make promote")


def test_a_version_that_has_failed_is_rejected_with_the_reason(account: AwsAccount) -> None:
    begin(account, SECOND).reject("alarms")

    assert package(account, SECOND).approval == "Rejected"
    assert package(account, SECOND).approved_by.endswith(": alarms")


def test_a_rollback_releases_the_version_that_the_serving_one_has_replaced(account: AwsAccount) -> None:
    register(account, FIRST)
    register(account, SECOND, replaced=FIRST)

    assert version_before(account, stack(SECOND)) == FIRST


def test_a_rollback_is_refused_without_a_version_before_and_to_a_rejected_one(account: AwsAccount) -> None:
    register(account, FIRST, replaced=SECOND)
    register(account, SECOND)

    with pytest.raises(ReleaseError, match=f"Version {SECOND}, which serves, has replaced none"):
        version_before(account, stack(SECOND))
    reject_undone(account, stack(FIRST), SECOND)
    with pytest.raises(ReleaseError, match=f"Version {SECOND}, which served before, is rejected"):
        version_before(account, stack(FIRST))
