"""Requests of CloudFormation to delete a publication."""

from types import ModuleType
from typing import Any

import pytest

from lambda_src.publisher.artifact_bucket import ArtifactError, empty
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


Refused = dict[str, list[str]]


def refuse_objects(s3: Any, codes: Refused) -> list[list[str]]:
    """Lets S3 refuse to delete single objects; returns the keys of each DeleteObjects call.

    Args:
        s3: The client.
        codes: The error codes of an object, one for each call; after them the object is deleted.
    """
    asked: list[list[str]] = []

    def refuse(params: dict[str, Any], **_: Any) -> None:
        asked.append([found["Key"] for found in params["Delete"]["Objects"]])
        refused.clear()
        refused.extend(found for found in params["Delete"]["Objects"] if codes.get(found["Key"]))
        params["Delete"]["Objects"] = [found for found in params["Delete"]["Objects"] if found not in refused]

    def answer(parsed: dict[str, Any], **_: Any) -> None:
        parsed["Errors"] = [
            {**found, "Code": codes[found["Key"]].pop(0), "Message": "Please reduce your request rate."}
            for found in refused
        ]

    refused: list[dict[str, str]] = []
    s3.meta.events.register("provide-client-params.s3.DeleteObjects", refuse)
    s3.meta.events.register("after-call.s3.DeleteObjects", answer)
    return asked


def test_objects_that_s3_cannot_delete_at_once_are_deleted_again(s3: Any) -> None:
    for key in "abc":
        s3.put_object(Bucket=ARTIFACTS, Key=key, Body=b"")
    asked = refuse_objects(s3, {"a": ["SlowDown", "InternalError"], "b": ["ServiceUnavailable"]})
    pauses: list[float] = []

    empty(s3, ARTIFACTS, seconds_left=lambda: 60.0, sleep=pauses.append)

    assert versions(s3, ARTIFACTS) == []
    assert asked == [["a", "b", "c"], ["a", "b"], ["a"]]
    assert pauses == [1.0, 2.0]


@pytest.mark.parametrize(("codes", "calls"), [(["AccessDenied"], 1), (["SlowDown"] * 9, 4)])
def test_an_object_that_s3_does_not_delete_fails_the_deletion(s3: Any, codes: list[str], calls: int) -> None:
    s3.put_object(Bucket=ARTIFACTS, Key="a", Body=b"")
    refusals = {"a": [*codes]}
    asked = refuse_objects(s3, refusals)

    with pytest.raises(ArtifactError, match="S3 did not delete a from the bucket artifacts: Please reduce"):
        empty(s3, ARTIFACTS, seconds_left=lambda: 60.0, sleep=lambda _: None)

    assert len(asked) == calls
    refusals.clear()


def test_an_upload_that_ends_after_it_was_listed_is_no_error(s3: Any) -> None:
    s3.create_multipart_upload(Bucket=ARTIFACTS, Key="unfinished")
    ended: list[str] = []

    def end_before(params: dict[str, str], **_: Any) -> None:
        if not ended:
            ended.append(params["UploadId"])
            s3.abort_multipart_upload(**params)

    s3.meta.events.register("provide-client-params.s3.AbortMultipartUpload", end_before)

    empty(s3, ARTIFACTS, seconds_left=lambda: 60.0)

    assert len(ended) == 1
    assert s3.list_multipart_uploads(Bucket=ARTIFACTS).get("Uploads", []) == []
