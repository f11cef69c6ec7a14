import io
import tarfile
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import boto3
import pytest

from tests.lambda_src.conftest import Import
from tests.lambda_src.publisher.cloudformation import Inbox, receive

STAGING, ARTIFACTS = "staging", "artifacts"
MANIFEST = b'{"version": "first"}'


def archive(**members: bytes) -> bytes:
    """An archive like a bundle's; names are without their suffix."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name.replace("_", "."))
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


BUNDLE = archive(manifest_json=MANIFEST, model_onnx=b"the graph")


@pytest.fixture(scope="module")
def publisher(cold_start: Import, s3_url: str) -> ModuleType:
    return cold_start("lambda_src.publisher.handler", AWS_ENDPOINT_URL_S3=s3_url)


@pytest.fixture
def s3(s3_url: str) -> Iterator[Any]:
    """A client; the staging bucket holds one bundle, the artifact bucket is empty."""
    client = boto3.client(
        "s3",
        endpoint_url=s3_url,
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    for bucket in (STAGING, ARTIFACTS):
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    client.put_object(Bucket=STAGING, Key="asset.gz", Body=BUNDLE)
    yield client
    for bucket in (STAGING, ARTIFACTS):
        remove(client, bucket)
    client.close()


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    with receive() as inbox:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", inbox.url.partition("/answer")[0])
        yield inbox


class Context:
    """Lambda's context object."""

    def __init__(self, *, milliseconds: int = 300_000) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


def request(kind: str, inbox: Inbox, **overrides: Any) -> dict[str, Any]:
    properties = {
        "ServiceToken": "arn:aws:lambda:eu-west-1:1:function:publisher",
        "SourceBucket": STAGING,
        "SourceKey": "asset.gz",
        "Bucket": ARTIFACTS,
        "Key": "models/tiny/first/model.tar.gz",
        "EmptyOnDelete": "true",
    }
    known = {} if kind == "Create" else {"PhysicalResourceId": f"s3://{ARTIFACTS}"}
    return {
        "RequestType": kind,
        "ResponseURL": inbox.url,
        "StackId": "stack-1",
        "RequestId": "request-1",
        "LogicalResourceId": "Publication",
        "ResourceProperties": properties | overrides,
        **known,
    }


def remove(s3: Any, bucket: str) -> None:
    for version in versions(s3, bucket):
        s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    for upload in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    s3.delete_bucket(Bucket=bucket)


def versions(s3: Any, bucket: str) -> list[dict[str, Any]]:
    found = s3.list_object_versions(Bucket=bucket)
    return [*found.get("Versions", []), *found.get("DeleteMarkers", [])]


def keys(s3: Any) -> list[str]:
    return [found["Key"] for found in s3.list_objects_v2(Bucket=ARTIFACTS).get("Contents", [])]


def test_create_copies_the_bundle_and_returns_the_bucket(
    publisher: ModuleType, s3: Any, inbox: Inbox
) -> None:
    publisher.handler(request("Create", inbox), Context())

    copied = s3.get_object(Bucket=ARTIFACTS, Key="models/tiny/first/model.tar.gz")["Body"].read()
    assert copied == BUNDLE
    assert inbox.answers == [
        {
            "Status": "SUCCESS",
            "Reason": "",
            "PhysicalResourceId": f"s3://{ARTIFACTS}",
            "Data": {"Bucket": ARTIFACTS},
            "StackId": "stack-1",
            "RequestId": "request-1",
            "LogicalResourceId": "Publication",
        }
    ]
    # CloudFormation signs the URL for an empty content type.
    assert inbox.content_types == [""]


def test_update_copies_another_bundle_beside_the_first_and_keeps_the_physical_id(
    publisher: ModuleType, s3: Any, inbox: Inbox
) -> None:
    publisher.handler(request("Create", inbox), Context())

    publisher.handler(request("Update", inbox, Key="models/tiny/second/model.tar.gz"), Context())

    assert keys(s3) == ["models/tiny/first/model.tar.gz", "models/tiny/second/model.tar.gz"]
    identities = {answer["PhysicalResourceId"] for answer in inbox.answers}
    assert identities == {f"s3://{ARTIFACTS}"}


def test_a_rollback_succeeds_after_the_staged_bundle_was_deleted(
    publisher: ModuleType, s3: Any, inbox: Inbox
) -> None:
    publisher.handler(request("Create", inbox), Context())
    publisher.handler(request("Update", inbox, Key="models/tiny/second/model.tar.gz"), Context())
    # `cdk gc` deletes what no template names any more.
    s3.delete_object(Bucket=STAGING, Key="asset.gz")

    publisher.handler(request("Update", inbox), Context())

    assert [answer["Status"] for answer in inbox.answers] == ["SUCCESS"] * 3
    kept = s3.get_object(Bucket=ARTIFACTS, Key="models/tiny/first/model.tar.gz")["Body"].read()
    assert kept == BUNDLE


def test_a_bundle_that_is_there_is_not_copied_again(publisher: ModuleType, s3: Any, inbox: Inbox) -> None:
    publisher.handler(request("Create", inbox), Context())
    before = versions(s3, ARTIFACTS)

    publisher.handler(request("Update", inbox), Context())

    assert inbox.answers[-1]["Status"] == "SUCCESS"
    assert versions(s3, ARTIFACTS) == before


def test_the_report_of_a_training_is_copied_with_its_bundle(
    publisher: ModuleType, s3: Any, inbox: Inbox
) -> None:
    s3.put_object(Bucket=STAGING, Key="report.html", Body=b"<p>good")
    report = {"ReportSourceKey": "report.html", "ReportKey": "models/reports/tiny/1.html"}

    publisher.handler(request("Create", inbox, **report), Context())

    assert inbox.answers[-1]["Status"] == "SUCCESS"
    assert keys(s3) == ["models/reports/tiny/1.html", "models/tiny/first/model.tar.gz"]
    copied = s3.get_object(Bucket=ARTIFACTS, Key="models/reports/tiny/1.html")["Body"].read()
    assert copied == b"<p>good"


def test_a_report_that_was_written_anew_replaces_the_one_before_unless_its_staged_copy_is_gone(
    publisher: ModuleType, s3: Any, inbox: Inbox
) -> None:
    report = {"ReportSourceKey": "report.html", "ReportKey": "models/tiny/first/report.html"}
    found = []
    for staged in (b"<p>good", b"<p>better"):
        s3.put_object(Bucket=STAGING, Key="report.html", Body=staged)
        publisher.handler(request("Create", inbox, **report), Context())
        found.append(s3.get_object(Bucket=ARTIFACTS, Key="models/tiny/first/report.html")["Body"].read())
    s3.delete_object(Bucket=STAGING, Key="report.html")
    publisher.handler(request("Update", inbox, **report), Context())

    assert found == [b"<p>good", b"<p>better"]
    assert [answer["Status"] for answer in inbox.answers] == ["SUCCESS"] * 3


def test_the_manifest_of_a_bundle_is_put_beside_it(publisher: ModuleType, s3: Any, inbox: Inbox) -> None:
    manifest = {"ManifestKey": "models/tiny/first/manifest.json"}

    publisher.handler(request("Create", inbox, **manifest), Context())
    before = versions(s3, ARTIFACTS)
    publisher.handler(request("Update", inbox, **manifest), Context())

    copied = s3.get_object(Bucket=ARTIFACTS, Key="models/tiny/first/manifest.json")["Body"].read()
    assert copied == MANIFEST
    assert versions(s3, ARTIFACTS) == before


@pytest.mark.parametrize(
    ("bundle", "reason"),
    [(b"no archive", "is not a model.tar.gz"), (archive(model_onnx=b""), "has no manifest.json")],
    # The name of an archive would have the time in it, which differs between the processes of a run.
    ids=["no archive", "no manifest"],
)
def test_a_bundle_without_a_manifest_fails_with_the_reason(
    publisher: ModuleType, s3: Any, inbox: Inbox, bundle: bytes, reason: str
) -> None:
    s3.put_object(Bucket=STAGING, Key="asset.gz", Body=bundle)

    publisher.handler(request("Create", inbox, ManifestKey="models/tiny/first/manifest.json"), Context())

    [answer] = inbox.answers
    assert answer["Status"] == "FAILED"
    assert reason in answer["Reason"]


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


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ({"SourceKey": "nothing"}, "404"),
        ({"Bucket": "never-there"}, "NoSuchBucket"),  # of CopyObject: a HEAD has no body to say so
        ({"Bucket": None}, "NoneType"),
    ],
)
def test_a_failed_create_responds_with_the_reason(
    publisher: ModuleType, s3: Any, inbox: Inbox, overrides: dict[str, Any], reason: str
) -> None:
    publisher.handler(request("Create", inbox, **overrides), Context())

    [answer] = inbox.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("The bundle's Create failed: ")
    assert reason in answer["Reason"]
    assert keys(s3) == []


def test_an_event_without_properties_gets_a_response(publisher: ModuleType, inbox: Inbox) -> None:
    event = request("Create", inbox)
    del event["ResourceProperties"]

    publisher.handler(event, Context())

    assert inbox.answers[-1]["Status"] == "FAILED"


def test_a_delete_without_time_left_fails_and_says_what_to_do(
    publisher: ModuleType, s3: Any, inbox: Inbox
) -> None:
    publisher.handler(request("Create", inbox), Context())

    publisher.handler(request("Delete", inbox), Context(milliseconds=39_000))

    assert inbox.answers[-1]["Status"] == "FAILED"
    assert "delete the stack again" in inbox.answers[-1]["Reason"]
    assert keys(s3) == ["models/tiny/first/model.tar.gz"]


@pytest.mark.usefixtures("s3")
def test_a_reason_is_cut_to_the_limit_of_cloudformation(publisher: ModuleType, inbox: Inbox) -> None:
    publisher.handler(request("Create", inbox, Bucket="b" * 5000), Context())

    assert len(inbox.answers[-1]["Reason"]) <= 1000


@pytest.mark.usefixtures("s3")
def test_a_response_is_sent_again_after_an_error(publisher: ModuleType, inbox: Inbox) -> None:
    inbox.turn_away = 2

    publisher.handler(request("Create", inbox), Context())

    assert [answer["Status"] for answer in inbox.answers] == ["SUCCESS"]
