"""The custom resource that registers the deployed version, against the registry of this machine."""

import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from lambda_src.publisher.model_registry import delete_versions
from tests.lambda_src.conftest import Import
from tests.lambda_src.publisher.cloudformation import Inbox
from tests.lambda_src.publisher.publications import Context
from tests.local.sagemaker.registry.served_registry import registry_client, serve_registry

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/any:tag"
URL = "s3://artifacts/models/tiny/ab12cd34ef56/model.tar.gz"


@pytest.fixture(scope="module")
def publisher(cold_start: Import) -> ModuleType:
    return cold_start("lambda_src.publisher.handler")


@pytest.fixture
def sagemaker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of a registry with the group Tiny."""
    with serve_registry() as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", url)
        client = registry_client(url)
        client.create_model_package_group(ModelPackageGroupName="Tiny")
        yield client
        client.close()


def request(
    kind: str,
    inbox: Inbox,
    *,
    version: str = "ab12cd34ef56",
    served: str = "",
    before: str = "",
    **properties: Any,
) -> dict[str, Any]:
    return {
        "RequestType": kind,
        "ResourceType": "Custom::RegisteredVersion",
        "ResponseURL": inbox.url,
        "StackId": "stack-1",
        "RequestId": "request-1",
        "LogicalResourceId": "Registration",
        "ResourceProperties": {
            "ModelPackageGroupName": "Tiny",
            "ModelDataUrl": URL,
            "MediaTypes": ["application/json"],
            "Image": IMAGE,
            "ServedVersion": served or version,
            "ApprovalDescription": "deployment: any",
            "CustomerMetadataProperties": {"version": version, "source": "deployment"},
            "EmptyOnDelete": "true",
        }
        | properties,
        "OldResourceProperties": {"ServedVersion": before},
    } | ({} if kind == "Create" else {"PhysicalResourceId": "model-package-group/Tiny"})


def packages(sagemaker: Any) -> list[dict[str, Any]]:
    found = sagemaker.list_model_packages(ModelPackageGroupName="Tiny")["ModelPackageSummaryList"]
    return [
        sagemaker.describe_model_package(ModelPackageName=package["ModelPackageArn"]) for package in found
    ]


def test_a_version_is_registered_as_approved(publisher: ModuleType, inbox: Inbox, sagemaker: Any) -> None:
    publisher.handler(request("Create", inbox), Context())

    [package] = packages(sagemaker)
    assert package["ModelApprovalStatus"] == "Approved"
    assert package["ApprovalDescription"] == "deployment: any"
    properties = package["CustomerMetadataProperties"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", properties.pop("released_at"))
    assert properties == {"version": "ab12cd34ef56", "source": "deployment"}
    assert package["InferenceSpecification"] == {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": URL}],
        "SupportedContentTypes": ["application/json"],
        "SupportedResponseMIMETypes": ["application/json"],
    }
    [answer] = inbox.answers
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "model-package-group/Tiny")
    assert answer["Data"] == {"ModelPackageArn": package["ModelPackageArn"]}


def test_a_version_that_a_zip_serves_has_the_bundle_as_its_source(
    publisher: ModuleType, inbox: Inbox, sagemaker: Any
) -> None:
    event = request("Create", inbox)
    del event["ResourceProperties"]["Image"]

    publisher.handler(event, Context())

    [package] = packages(sagemaker)
    assert package["SourceUri"] == URL
    assert "InferenceSpecification" not in package


def test_a_registered_version_is_not_registered_again_nor_changed(
    publisher: ModuleType, inbox: Inbox, sagemaker: Any
) -> None:
    publisher.handler(request("Create", inbox), Context())
    publisher.handler(request("Update", inbox, version="000000000002"), Context())
    first = packages(sagemaker)[0]
    sagemaker.update_model_package(
        ModelPackageArn=first["ModelPackageArn"],
        ModelApprovalStatus="Rejected",
        ApprovalDescription="prove: missed a golden row",
    )

    # A roll-back of the stack sends the properties before.
    publisher.handler(request("Update", inbox), Context())

    found = packages(sagemaker)
    assert [package["CustomerMetadataProperties"]["version"] for package in found] == [
        "ab12cd34ef56",
        "000000000002",
    ]
    assert found[0]["ApprovalDescription"] == "prove: missed a golden row"
    assert {answer["PhysicalResourceId"] for answer in inbox.answers} == {"model-package-group/Tiny"}
    assert inbox.answers[0]["Data"] == inbox.answers[2]["Data"]


def test_the_version_that_begins_to_serve_is_marked_with_the_one_before(
    publisher: ModuleType, inbox: Inbox, sagemaker: Any
) -> None:
    publisher.handler(request("Create", inbox), Context())

    # Another deployment, whose version serves at once, and an update that releases the first one again.
    publisher.handler(request("Update", inbox, version="000000000002", before="ab12cd34ef56"), Context())
    publisher.handler(
        request("Update", inbox, version="000000000002", served="ab12cd34ef56", before="000000000002"),
        Context(),
    )

    first, second = (package["CustomerMetadataProperties"] for package in packages(sagemaker))
    assert (first["replaced"], second["replaced"]) == ("000000000002", "ab12cd34ef56")
    assert first["released_at"] >= second["released_at"]


def test_a_served_version_that_did_not_change_or_is_not_registered_is_not_marked(
    publisher: ModuleType, inbox: Inbox, sagemaker: Any
) -> None:
    publisher.handler(request("Create", inbox, served="000000000009"), Context())
    publisher.handler(request("Update", inbox, served="ab12cd34ef56", before="ab12cd34ef56"), Context())

    [package] = packages(sagemaker)
    assert "released_at" not in package["CustomerMetadataProperties"]
    assert [answer["Status"] for answer in inbox.answers] == ["SUCCESS"] * 2


def test_delete_deletes_all_versions_so_that_the_group_can_be_deleted(
    publisher: ModuleType, inbox: Inbox, sagemaker: Any
) -> None:
    publisher.handler(request("Create", inbox), Context())
    sagemaker.create_model_package(ModelPackageGroupName="Tiny")

    publisher.handler(request("Delete", inbox), Context())
    sagemaker.delete_model_package_group(ModelPackageGroupName="Tiny")
    publisher.handler(request("Delete", inbox), Context())

    assert [answer["Status"] for answer in inbox.answers] == ["SUCCESS"] * 3


def test_a_version_that_is_deleted_after_it_was_listed_is_no_error(sagemaker: Any) -> None:
    for _ in range(2):
        sagemaker.create_model_package(ModelPackageGroupName="Tiny")
    deleted: list[str] = []

    def delete_before(params: dict[str, str], **_: Any) -> None:
        if not deleted:
            deleted.append(params["ModelPackageName"])
            sagemaker.delete_model_package(**params)

    sagemaker.meta.events.register("provide-client-params.sagemaker.DeleteModelPackage", delete_before)

    delete_versions(sagemaker, "Tiny", seconds_left=lambda: 60.0)

    assert len(deleted) == 1
    assert packages(sagemaker) == []


@pytest.mark.parametrize(
    ("status", "kept"),
    [
        ("DELETE_IN_PROGRESS", 1),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", 1),
        ("ROLLBACK_IN_PROGRESS", 0),
        # The update that has added the registry is rolled back.
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", 0),
    ],
)
def test_where_data_is_kept_only_a_rollback_deletes_versions(
    publisher: ModuleType, inbox: Inbox, sagemaker: Any, status: str, kept: int
) -> None:
    publisher.handler(request("Create", inbox, EmptyOnDelete="false"), Context())
    inbox.stack_status = status

    publisher.handler(request("Delete", inbox, EmptyOnDelete="false"), Context())

    assert inbox.answers[-1]["Status"] == "SUCCESS"
    assert len(packages(sagemaker)) == kept


def test_a_refusal_of_sagemaker_fails_with_its_words(
    publisher: ModuleType, inbox: Inbox, sagemaker: Any
) -> None:
    publisher.handler(request("Create", inbox, ModelPackageGroupName="Other"), Context())

    [answer] = inbox.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("The registration's Create failed: ")
    assert "model-package-group/Other does not exist." in answer["Reason"]
    assert packages(sagemaker) == []


def test_too_many_versions_for_one_invocation_fail_in_time(
    publisher: ModuleType, inbox: Inbox, sagemaker: Any
) -> None:
    publisher.handler(request("Create", inbox), Context())

    publisher.handler(request("Delete", inbox), Context(milliseconds=1000))

    assert inbox.answers[-1]["Status"] == "FAILED"
    assert inbox.answers[-1]["Reason"].endswith(
        "too many versions for one invocation: delete the stack again."
    )
    assert len(packages(sagemaker)) == 1
