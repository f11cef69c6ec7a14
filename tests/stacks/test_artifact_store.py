from pathlib import Path

from tests.stacks.synthesis import Synthesis
from tests.tiny_bundle import write_tiny_bundle


def test_the_bucket_is_encrypted_versioned_and_private(stack: Synthesis) -> None:
    bucket = stack.properties("AWS::S3::Bucket")

    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4


def test_the_bucket_refuses_whoever_comes_without_tls(stack: Synthesis) -> None:
    [statement] = stack.properties("AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]

    assert (statement["Effect"], statement["Action"], statement["Principal"]) == (
        "Deny",
        "s3:*",
        {"AWS": "*"},
    )
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2


def test_old_versions_and_unfinished_uploads_do_not_pile_up(stack: Synthesis) -> None:
    [rule] = stack.properties("AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]

    assert rule["Status"] == "Enabled"
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30
    assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 1


def test_the_bundle_lies_under_its_digest_and_the_model_is_made_from_there(
    stack: Synthesis, folder: Path
) -> None:
    digest = write_tiny_bundle(folder / "same.tar.gz").digest
    key = f"models/tiny/{digest}/model.tar.gz"

    publication, resource = stack.only("Custom::Bundle")
    assert resource["Properties"]["Key"] == key
    parts = stack.properties("AWS::SageMaker::Model")["PrimaryContainer"]["ModelDataUrl"]["Fn::Join"][1]
    # The bucket's name comes out of the publication, so the model waits for it.
    assert parts == ["s3://", {"Fn::GetAtt": [publication, "Bucket"]}, f"/{key}"]


def test_the_publication_waits_for_its_permissions(stack: Synthesis) -> None:
    _, publication = stack.only("Custom::Bundle")

    waits_for = {stack.template["Resources"][name]["Type"] for name in publication["DependsOn"]}
    assert waits_for >= {"AWS::IAM::Policy", "AWS::S3::BucketPolicy"}
