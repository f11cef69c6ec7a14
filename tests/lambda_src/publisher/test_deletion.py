"""Requests of CloudFormation to delete a publication."""

from types import ModuleType
from typing import Any

import pytest

from tests.lambda_src.publisher.cloudformation import Inbox
from tests.lambda_src.publisher.publications import ARTIFACTS, Context, keys, request, versions


def test_delete_removes_every_version_marker_and_upload(publisher: ModuleType, s3: Any, inbox: Inbox) -> None:
    publisher.handler(request("Create", inbox), Context())
    publisher.handler(request("Update", inbox), Context())
    s3.delete_object(Bucket=ARTIFACTS, Key="models/tiny/first/model.tar.gz")
    s3.put_object(Bucket=ARTIFACTS, Key="other", Body=b"x")
    s3.create_multipart_upload(Bucket=ARTIFACTS, Key="unfinished")

    publisher.handler(request("Delete", inbox), Context())

    assert versions(s3, ARTIFACTS) == []
    assert s3.list_multipart_uploads(Bucket=ARTIFACTS).get("Uploads", []) == []
    assert inbox.answers[-1]["Status"] == "SUCCESS"
    assert inbox.answers[-1]["PhysicalResourceId"] == f"s3://{ARTIFACTS}"


def limit_pages(params: dict[str, Any], **_: Any) -> None:
    params["MaxKeys"] = 2


def test_delete_removes_more_objects_than_one_page(publisher: ModuleType, s3: Any, inbox: Inbox) -> None:
    for number in range(5):
        s3.put_object(Bucket=ARTIFACTS, Key=str(number), Body=b"")
    events, event = publisher._S3_CLIENT.meta.events, "provide-client-params.s3.ListObjectVersions"
    events.register(event, limit_pages)
    assert len(publisher._S3_CLIENT.list_object_versions(Bucket=ARTIFACTS)["Versions"]) == 2

    publisher.handler(request("Delete", inbox), Context())

    events.unregister(event, limit_pages)

    assert versions(s3, ARTIFACTS) == []


def test_delete_keeps_the_objects_of_a_bucket_that_is_retained(
    publisher: ModuleType, s3: Any, inbox: Inbox
) -> None:
    publisher.handler(request("Create", inbox), Context())
    inbox.stack_status = "DELETE_IN_PROGRESS"

    publisher.handler(request("Delete", inbox, EmptyOnDelete="false"), Context())

    assert keys(s3) == ["models/tiny/first/model.tar.gz"]
    assert inbox.answers[-1]["Status"] == "SUCCESS"


def test_the_rollback_of_a_first_creation_empties_the_bucket_although_it_is_retained_later(
    publisher: ModuleType, s3: Any, inbox: Inbox
) -> None:
    publisher.handler(request("Create", inbox), Context())
    inbox.stack_status = "ROLLBACK_IN_PROGRESS"

    publisher.handler(request("Delete", inbox, EmptyOnDelete="false"), Context())

    # Otherwise CloudFormation could not delete the bucket, and the rollback would fail.
    assert versions(s3, ARTIFACTS) == []
    assert inbox.answers[-1]["Status"] == "SUCCESS"


def test_delete_succeeds_without_a_bucket(publisher: ModuleType, inbox: Inbox) -> None:
    publisher.handler(request("Delete", inbox, Bucket="never-there"), Context())

    assert inbox.answers[-1]["Status"] == "SUCCESS"


@pytest.mark.slow
def test_a_delete_without_time_left_fails_and_says_what_to_do(
    publisher: ModuleType, s3: Any, inbox: Inbox
) -> None:
    publisher.handler(request("Create", inbox), Context())

    publisher.handler(request("Delete", inbox), Context(milliseconds=39_000))

    assert inbox.answers[-1]["Status"] == "FAILED"
    assert "delete the stack again" in inbox.answers[-1]["Reason"]
    assert keys(s3) == ["models/tiny/first/model.tar.gz"]
