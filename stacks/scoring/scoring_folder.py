"""Folder in S3 with files to score and with results: the setting scoring_data."""

from dataclasses import dataclass
from typing import Self

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.hosting.encrypted_objects import key_use_in_folder
from stacks.settings.data_folders import OWN_FOLDER
from stacks.settings.parsers import S3_SCHEME
from stacks.settings.settings import SCORES


@dataclass(frozen=True, kw_only=True)
class ScoringFolder:
    """A folder.

    Attributes:
        bucket: Its bucket.
        prefix: Prefix of its objects, without the slash at the end.
        is_own: Whether the bucket is the artifact bucket.
    """

    bucket: s3.IBucket
    prefix: str
    is_own: bool

    @classmethod
    def of(cls, scope: Construct, setting: str, *, own: s3.IBucket) -> Self:
        """Returns the folder of the setting; `own` is the artifact bucket."""
        if setting == OWN_FOLDER:
            return cls(bucket=own, prefix=SCORES, is_own=True)
        name, _, prefix = setting.removeprefix(S3_SCHEME).partition("/")
        bucket = s3.Bucket.from_bucket_name(scope, "Folder", name)
        return cls(bucket=bucket, prefix=prefix, is_own=False)

    @property
    def url(self) -> str:
        """S3 URI of the folder."""
        return f"{S3_SCHEME}{self.bucket.bucket_name}/{self.prefix}"

    def grant_key(self, role: iam.Role) -> None:
        """Lets a role read and write objects that a KMS key encrypts; the artifact bucket has no such key."""
        if self.is_own:
            return
        role.add_to_policy(key_use_in_folder(role, bucket_arn=self.bucket.bucket_arn, prefix=self.prefix))

    @property
    def objects_arn(self) -> str:
        """ARN of all its objects."""
        return str(self.bucket.arn_for_objects(f"{self.prefix}/*"))
