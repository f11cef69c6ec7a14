"""Artifact bucket with the bundles of the models, and the reports of their trainings."""

import itertools
from collections.abc import Iterable, Mapping, Sequence

from aws_cdk import ArnFormat, Aws, CustomResource, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from api import model_prefixes
from bundle import ARCHIVE, MANIFEST, REPORT, VERSIONS, interface_of, version_folder
from stacks.functions.log_group import removal_policy
from stacks.functions.python_function import PythonFunction
from stacks.settings.bundle_archive import Archive
from stacks.settings.settings import CAPTURES
from stacks.storage.bundle_layout import lay_out
from stacks.storage.model_report import ModelReport
from stacks.storage.released_version import ReleasedVersion

# In a versioned bucket, expiration only adds a delete marker; the noncurrent version expires after it:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
CAPTURE_RETENTION_DAYS = 90
_NONCURRENT_CAPTURE_DAYS = 1
_NONCURRENT_DAYS = 30
# Longer than the publisher's own timeout, so CloudFormation gets the publisher's error.
_PUBLICATION_TIMEOUT = Duration.minutes(6)


class ArtifactStore(Construct):
    """Private, versioned bucket with the bundles under keys that follow from their content.

    A changed bundle has another key, so every resource that names the key changes too. Archives are CDK
    assets, which a custom resource copies into the bucket; it also empties the bucket when the stack is
    deleted. Where data is kept, it does so only when the first creation is rolled back, bucket included.
    Manifest and report of a single model are beside its bundle.

    Attributes:
        bucket: The bucket.
        holds_several: Whether there are several models.
        version: Version of the single model that serves; empty for several models.
        model_data_url: S3 URI of the bundle, or prefix of several bundles; CloudFormation resolves it after
            all of them are copied.
        own_data_url: S3 URI of the bundle of the template, which another version may have replaced; empty for
            several models.
        interface: Digest of the single model's request and response interface; empty for several models.
        bucket_arn: ARN of the bucket.
        captures_url: S3 URI prefix of captured requests and responses, which expire.
        publisher: Function behind the custom resources; it checks what the endpoint serves too.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        archives: Sequence[Archive],
        reports: Mapping[str, ModelReport],
        follows_object: bool,
        keeps_data: bool,
    ) -> None:
        """Adds the resources.

        Args:
            scope: Parent construct.
            id: Id of the construct.
            archives: Archives of the models.
            reports: Reports of their trainings, by the model's name; a model may have none.
            follows_object: Whether a function reloads its bundle from an object, so that no parameter of the
                template can say which version serves.
            keeps_data: Whether the bucket is retained when the stack is deleted.
        """
        super().__init__(scope, id)
        self._keeps_data = keeps_data
        self._reports = reports
        self._layout = lay_out(archives)
        self.holds_several = len(archives) > 1
        manifest = archives[0].bundle.manifest
        self.interface = "" if self.holds_several else interface_of(manifest)
        self.version = "" if self.holds_several else manifest.version
        if not (self.holds_several or follows_object):
            self.version = ReleasedVersion(self, "Released", own=manifest.version).value
        self._model = archives[0].model
        self.bucket = self._make_bucket()
        self.publisher = self._make_publisher()
        published = self._publish_all(archives)
        data = self._layout.prefix if self.holds_several else f"{self._folder}/{ARCHIVE}"
        self.model_data_url = f"s3://{published.get_att_string('Bucket')}/{data}"
        own = f"s3://{published.get_att_string('Bucket')}/{self._layout.prefix}/{ARCHIVE}"
        self.own_data_url = "" if self.holds_several else own
        self.bucket_arn = self.bucket.bucket_arn
        self.captures_url = f"s3://{self.bucket.bucket_name}/{CAPTURES}"

    @property
    def _folder(self) -> str:
        """Folder of the version that serves, in the bucket."""
        return version_folder(self._model, self.version)

    @property
    def invoker_environment(self) -> Mapping[str, str]:
        """Environment variables with which the invoker finds services, manifest and reports."""
        domain = {"URL_SUFFIX": Aws.URL_SUFFIX}
        bucket = {"ARTIFACT_BUCKET": self.bucket.bucket_name}
        if self.holds_several:
            return {**bucket, **domain} if self._reports else domain
        return {**bucket, "MODEL_FOLDER": self._folder, "MODEL_VERSION": self.version, **domain}

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Grants `grantee` s3:GetObject on the bundles, and s3:ListBucket when there are several models.

        Earlier bundles are included: an instance that serves one may be replaced during an update.
        """
        readable = self.bucket.arn_for_objects(self._layout.readable)
        grants = {"s3:GetObject": readable}
        if self.holds_several:
            grants["s3:ListBucket"] = self.bucket.bucket_arn
        for action, resource in grants.items():
            iam.Grant.add_to_principal(grantee=grantee, actions=[action], resource_arns=[resource])

    def grant_capture(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grants `grantee` s3:PutObject on captured requests and responses."""
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["s3:PutObject"],
            resource_arns=[self.bucket.arn_for_objects(f"{CAPTURES}/*")],
        )

    def grant_describe(self, grantee: iam.IGrantable, *, has_page: bool) -> None:
        """Grants `grantee` s3:GetObject on manifests and reports of the model, or on the reports of several.

        Those of other versions are included: the invoker in service reads the ones before, until an update is
        complete.

        Args:
            grantee: Who reads them.
            has_page: Whether there is a page that shows reports.
        """
        shows_reports = bool(self._reports) if self.holds_several else has_page
        names = [*([] if self.holds_several else [MANIFEST]), *([REPORT] if shows_reports else [])]
        if names:
            iam.Grant.add_to_principal(
                grantee=grantee,
                actions=["s3:GetObject"],
                resource_arns=[
                    self.bucket.arn_for_objects(f"{self._layout.readable}/{name}") for name in names
                ],
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
                    noncurrent_version_expiration=Duration.days(_NONCURRENT_DAYS),
                    # Removes the delete marker of an object whose last noncurrent version has expired.
                    expired_object_delete_marker=True,
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                ),
                s3.LifecycleRule(
                    id="Captures",
                    prefix=f"{CAPTURES}/",
                    expiration=Duration.days(CAPTURE_RETENTION_DAYS - _NONCURRENT_CAPTURE_DAYS),
                    # Of two rules for an object, S3 applies the shorter time.
                    noncurrent_version_expiration=Duration.days(_NONCURRENT_CAPTURE_DAYS),
                ),
            ],
            removal_policy=removal_policy(keeps_data=self._keeps_data),
        )

    def _make_publisher(self) -> PythonFunction:
        return PythonFunction(
            self,
            "Publisher",
            package="publisher",
            description="Copies the bundle into the artifact bucket",
            timeout=Duration.minutes(5),
            memory_size=256,
            keeps_data=self._keeps_data,
        )

    def _publish_all(self, archives: Sequence[Archive]) -> CustomResource:
        """Returns the last of the custom resources; each depends on the one before."""
        marked = model_prefixes([archive.model for archive in archives])
        assets = {
            mark: s3_assets.Asset(self, f"Bundle{mark}", path=str(archive.path))
            for archive, mark in zip(archives, marked.values(), strict=True)
        }
        reports = {
            marked[model]: (
                s3_assets.Asset(self, f"Report{marked[model]}", path=str(report.path)),
                report.key,
            )
            for model, report in self._reports.items()
        }
        self._grant_publisher(
            self.publisher.role, [*assets.values(), *(asset for asset, _ in reports.values())]
        )
        publications = [
            self._publish(f"Publication{mark}", asset=asset, key=key, report=reports.get(mark))
            for (mark, asset), key in zip(assets.items(), self._layout.keys, strict=True)
        ]
        for earlier, later in itertools.pairwise(publications):
            later.node.add_dependency(earlier)
        return publications[-1]

    def _publish(
        self, id: str, *, asset: s3_assets.Asset, key: str, report: tuple[s3_assets.Asset, str] | None
    ) -> CustomResource:
        # Not a resource of its own: deleted with a report, it would be asked to empty the bucket.
        of_report = {"ReportSourceKey": report[0].s3_object_key, "ReportKey": report[1]} if report else {}
        of_manifest = {} if self.holds_several else {"ManifestKey": f"{self._layout.prefix}/{MANIFEST}"}
        published = CustomResource(
            self,
            id,
            resource_type="Custom::Bundle",
            service_token=self.publisher.function.function_arn,
            service_timeout=_PUBLICATION_TIMEOUT,
            properties={
                "SourceBucket": asset.s3_bucket_name,
                "SourceKey": asset.s3_object_key,
                "Bucket": self.bucket.bucket_name,
                "Key": key,
                **of_manifest,
                **of_report,
                "EmptyOnDelete": "false" if self._keeps_data else "true",
            },
        )
        published.node.add_dependency(self.publisher.role.node.find_child("DefaultPolicy"))
        if self.bucket.policy:
            published.node.add_dependency(self.bucket.policy)
        return published

    def _grant_publisher(self, role: iam.Role, assets: Iterable[s3_assets.Asset]) -> None:
        grants = {self._staged_arn(asset): ["s3:GetObject"] for asset in assets}
        grants[self.bucket.arn_for_objects(f"{VERSIONS}/*")] = ["s3:GetObject", "s3:PutObject"]
        grants[self.bucket.bucket_arn] = [
            "s3:ListBucket",
            "s3:ListBucketVersions",
            "s3:ListBucketMultipartUploads",
        ]
        # Where data is kept, only the bundles of a first creation that failed are deleted again.
        deleted = f"{VERSIONS}/*" if self._keeps_data else "*"
        grants.setdefault(self.bucket.arn_for_objects(deleted), []).extend(
            ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload"]
        )
        if self._keeps_data:
            grants[Aws.STACK_ID] = ["cloudformation:DescribeStacks"]
        for resource, actions in grants.items():
            role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[resource]))

    def _staged_arn(self, asset: s3_assets.Asset) -> str:
        return Stack.of(self).format_arn(
            service="s3",
            region="",
            account="",
            resource=asset.s3_bucket_name,
            resource_name=asset.s3_object_key,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
