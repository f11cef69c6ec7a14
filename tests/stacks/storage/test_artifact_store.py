from pathlib import Path

from bundle import read_archive
from tests.stacks.support.synthesis import RELEASED_VERSION, Stacks, Synthesis


def test_the_bucket_is_encrypted_versioned_and_private(stack: Synthesis) -> None:
    bucket = stack.properties("AWS::S3::Bucket")

    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4


def test_the_bucket_rejects_requests_without_tls(stack: Synthesis) -> None:
    [statement] = stack.properties("AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]

    assert (statement["Effect"], statement["Action"], statement["Principal"]) == (
        "Deny",
        "s3:*",
        {"AWS": "*"},
    )
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2


def test_old_versions_and_incomplete_uploads_expire(stack: Synthesis) -> None:
    rule, _ = stack.properties("AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]

    assert (rule["Status"], "Prefix" in rule) == ("Enabled", False)
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30
    assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 1


def test_a_captured_request_is_gone_after_ninety_days_and_bundles_do_not_expire(stack: Synthesis) -> None:
    rules = stack.properties("AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]

    [captures] = [rule for rule in rules if "ExpirationInDays" in rule]
    assert captures["Prefix"] == "captures/"
    # Expiration makes the object noncurrent, and only then its bytes are deleted.
    of_all = [rule["NoncurrentVersionExpiration"]["NoncurrentDays"] for rule in rules]
    assert captures["ExpirationInDays"] + min(of_all) == 90
    assert captures["NoncurrentVersionExpiration"]["NoncurrentDays"] == min(of_all)


def test_delete_markers_without_versions_expire(stack: Synthesis) -> None:
    rules = stack.properties("AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]

    [cleaning] = [rule for rule in rules if rule.get("ExpiredObjectDeleteMarker")]
    # S3 refuses ExpiredObjectDeleteMarker beside a number of days, and it is for every prefix here.
    assert not cleaning.keys() & {"ExpirationInDays", "ExpirationDate", "TagFilters", "Prefix"}


def test_a_production_bucket_is_retained_with_its_objects(stacks: Stacks) -> None:
    found = [
        (
            stacks(stage, hosting).only("AWS::S3::Bucket")[1]["DeletionPolicy"],
            stacks(stage, hosting).properties("Custom::Bundle")["EmptyOnDelete"],
        )
        for stage in ("dev", "prod")
        for hosting in ("realtime", "serverless", "lambda")
    ]

    assert found == [("Delete", "true")] * 3 + [("RetainExceptOnCreate", "false")] * 3


def test_the_key_of_the_bundle_has_its_version_and_the_model_that_of_the_parameter(
    stack: Synthesis, bundle: Path
) -> None:
    folder = f"models/tiny/{read_archive(bundle).manifest.version}"

    publication, resource = stack.only("Custom::Bundle")
    assert resource["Properties"]["Key"] == f"{folder}/model.tar.gz"
    assert resource["Properties"]["ManifestKey"] == f"{folder}/manifest.json"
    parts = stack.properties("AWS::SageMaker::Model")["PrimaryContainer"]["ModelDataUrl"]["Fn::Join"][1]
    # The bucket's name is an attribute of the publication, so the model depends on it.
    of_bucket = {"Fn::GetAtt": [publication, "Bucket"]}
    assert parts == ["s3://", of_bucket, "/models/tiny/", RELEASED_VERSION, "/model.tar.gz"]


def test_the_publication_depends_on_its_permissions(stack: Synthesis) -> None:
    _, publication = stack.only("Custom::Bundle")

    waits_for = {stack.template["Resources"][name]["Type"] for name in publication["DependsOn"]}
    assert waits_for >= {"AWS::IAM::Policy", "AWS::S3::BucketPolicy"}
