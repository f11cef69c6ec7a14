from types import ModuleType
from typing import Any

import pytest

from tests.lambda_src.publisher.cloudformation import Inbox
from tests.lambda_src.publisher.publications import (
    ARTIFACTS,
    BUNDLE,
    MANIFEST,
    STAGING,
    Context,
    archive,
    keys,
    request,
    versions,
)


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


@pytest.mark.usefixtures("s3")
def test_a_reason_is_cut_to_the_limit_of_cloudformation(publisher: ModuleType, inbox: Inbox) -> None:
    publisher.handler(request("Create", inbox, Bucket="b" * 5000), Context())

    assert len(inbox.answers[-1]["Reason"]) <= 1000


@pytest.mark.usefixtures("s3")
def test_a_response_is_sent_again_after_an_error(publisher: ModuleType, inbox: Inbox) -> None:
    inbox.turn_away = 2

    publisher.handler(request("Create", inbox), Context())

    assert [answer["Status"] for answer in inbox.answers] == ["SUCCESS"]
