"""Client of a stack's registry, against the registry of this machine."""

from collections.abc import Iterator
from typing import Any

import pytest

from stacks.commands.aws_account import AwsAccount, UnreadableAccountError
from stacks.commands.models.registry import Registry
from tests.local.sagemaker.registry.served_registry import registry_client, serve_registry

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/any:tag"
FIRST, SECOND = "ab12cd34ef56", "000000000002"


@pytest.fixture
def sagemaker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of a registry with the group tiny."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with serve_registry() as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", url)
        client = registry_client(url)
        client.create_model_package_group(ModelPackageGroupName="tiny")
        yield client
        client.close()


@pytest.fixture
def registry(sagemaker: Any) -> Registry:  # noqa: ARG001 - sets the URL
    return Registry(AwsAccount({"AWS_REGION": "us-east-1"}, verb="models"), "tiny")


def deploy(sagemaker: Any, version: str) -> None:
    """Registers a version as the publisher does."""
    sagemaker.create_model_package(
        ModelPackageGroupName="tiny",
        ModelApprovalStatus="Approved",
        CustomerMetadataProperties={"version": version, "image": IMAGE},
        InferenceSpecification={
            "Containers": [{"Image": IMAGE, "ModelDataUrl": f"s3://b/{version}"}],
            "SupportedContentTypes": ["text/csv"],
        },
    )


@pytest.mark.slow
def test_a_version_is_found_among_several_pages(registry: Registry, sagemaker: Any) -> None:
    deploy(sagemaker, FIRST)
    for _ in range(101):
        sagemaker.create_model_package(ModelPackageGroupName="tiny")

    found = registry.find(FIRST)

    assert found is not None
    assert (found.version, found.approval) == (FIRST, "Approved")
    assert registry.find(SECOND) is None


def test_a_promoted_version_is_served_as_the_champion_is(registry: Registry, sagemaker: Any) -> None:
    deploy(sagemaker, FIRST)

    made = registry.register(
        {"version": SECOND, "source": "promotion"}, url="s3://b/second", like=registry.find(FIRST)
    )

    assert made.approval == "PendingManualApproval"
    assert made.properties == {"version": SECOND, "source": "promotion", "image": IMAGE}
    assert made.source["InferenceSpecification"] == {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://b/second"}],
        "SupportedContentTypes": ["text/csv"],
    }


def test_a_version_without_a_champion_has_its_bundle_as_source(registry: Registry) -> None:
    made = registry.register({"version": SECOND}, url="s3://b/second", like=None, approval="Approved")

    assert (made.source, made.approval) == ({"SourceUri": "s3://b/second"}, "Approved")


def test_a_version_is_registered_once(registry: Registry) -> None:
    first = registry.register({"version": SECOND}, url="s3://b/second", like=None)

    again = registry.register({"version": SECOND}, url="s3://b/other", like=first)

    assert again == first
    assert [version.version for version in registry.versions()] == [SECOND]


def test_who_decided_and_why_is_written_down(registry: Registry) -> None:
    made = registry.register({"version": SECOND}, url="s3://b/second", like=None)

    registry.approve(made, who="Ada", why="better on the newest rows")
    approved = registry.find(SECOND)
    registry.reject(made, who="prove", why="missed a golden row")
    rejected = registry.find(SECOND)

    assert approved is not None
    assert rejected is not None
    assert (approved.approval, approved.approved_by) == ("Approved", "Ada: better on the newest rows")
    assert (rejected.approval, rejected.approved_by) == ("Rejected", "prove: missed a golden row")


def test_a_refusal_is_one_sentence(registry: Registry, sagemaker: Any) -> None:
    sagemaker.delete_model_package_group(ModelPackageGroupName="tiny")

    with pytest.raises(
        UnreadableAccountError, match=r"`make models` ends here: sagemaker:ListModelPackages "
    ):
        registry.find(FIRST)
