"""The bucket that models are served from, with the bundle in it."""

from pathlib import Path

from aws_cdk import ArnFormat, CustomResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from bundle import Bundle
from stacks.python_function import PythonFunction

_PREFIX = "models"
_CAPTURES = "captures"
_DAYS_OF_CAPTURES = 90
# Longer than the publisher may run, so that its own answer comes first.
_LONGEST_PUBLICATION = Duration.minutes(6)


class ArtifactStore(Construct):
    """A private, versioned bucket holding the bundle under its own digest.

    A changed bundle has another key, so whatever names the key changes with it. The archive travels as an
    asset of the CDK and is copied inside S3 by a custom resource, which also empties the bucket when the
    stack goes, unless its data is to be kept.

    Attributes:
        bucket: The bucket.
        model_data_url: S3 URI of the bundle, which exists once this value is known to CloudFormation.
        captures_url: S3 URI below which captured requests and answers are kept for a while.
    """

    def __init__(self, scope: Construct, id: str, *, bundle: Bundle, archive: Path, keeps_data: bool) -> None:
        super().__init__(scope, id)
        self._keeps_data = keeps_data
        self._folder = f"{_PREFIX}/{bundle.manifest.name}"
        self._key = f"{self._folder}/{bundle.digest}/model.tar.gz"
        self.bucket = self._make_bucket()
        published = self._publish(s3_assets.Asset(self, "Bundle", path=str(archive)))
        self.model_data_url = f"s3://{published.get_att_string('Bucket')}/{self._key}"
        self.captures_url = f"s3://{self.bucket.bucket_name}/{_CAPTURES}"

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` read the bundles of this model.

        Also the one before: machines that still serve it may be replaced while an update runs.
        """
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["s3:GetObject"],
            resource_arns=[self.bucket.arn_for_objects(f"{self._folder}/*")],
        )

    def grant_capture(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` write captured requests and answers."""
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["s3:PutObject"],
            resource_arns=[self.bucket.arn_for_objects(f"{_CAPTURES}/*")],
        )

    def _make_bucket(self) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            versioned=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(
                    noncurrent_version_expiration=Duration.days(30),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                ),
                s3.LifecycleRule(
                    id="Captures", prefix=f"{_CAPTURES}/", expiration=Duration.days(_DAYS_OF_CAPTURES)
                ),
            ],
            removal_policy=RemovalPolicy.RETAIN if self._keeps_data else RemovalPolicy.DESTROY,
        )

    def _publish(self, asset: s3_assets.Asset) -> CustomResource:
        publisher = PythonFunction(
            self,
            "Publisher",
            package="publisher",
            description="Copies the bundle into the artifact bucket",
            timeout=Duration.minutes(5),
            memory_size=256,
            keeps_data=self._keeps_data,
        )
        published = CustomResource(
            self,
            "Publication",
            resource_type="Custom::Bundle",
            service_token=publisher.function.function_arn,
            service_timeout=_LONGEST_PUBLICATION,
            properties={
                "SourceBucket": asset.s3_bucket_name,
                "SourceKey": asset.s3_object_key,
                "Bucket": self.bucket.bucket_name,
                "Key": self._key,
                "EmptyOnDelete": "false" if self._keeps_data else "true",
            },
        )
        self._permit(publisher.role, asset)
        published.node.add_dependency(publisher.role.node.find_child("DefaultPolicy"))
        if self.bucket.policy:
            published.node.add_dependency(self.bucket.policy)
        return published

    def _permit(self, role: iam.Role, asset: s3_assets.Asset) -> None:
        staged = Stack.of(self).format_arn(
            service="s3",
            region="",
            account="",
            resource=asset.s3_bucket_name,
            resource_name=asset.s3_object_key,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        grants = {
            staged: ["s3:GetObject"],
            self.bucket.arn_for_objects(f"{_PREFIX}/*"): ["s3:GetObject", "s3:PutObject"],
        }
        if not self._keeps_data:
            grants[self.bucket.bucket_arn] = ["s3:ListBucketVersions", "s3:ListBucketMultipartUploads"]
            grants[self.bucket.arn_for_objects("*")] = [
                "s3:DeleteObject",
                "s3:DeleteObjectVersion",
                "s3:AbortMultipartUpload",
            ]
        for resource, actions in grants.items():
            role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[resource]))
