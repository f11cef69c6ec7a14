"""Folder in S3 with the rows of retrainings, or with their weather: the settings data and weather."""

from dataclasses import dataclass
from typing import Self

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.settings.data_folders import OWN_FOLDER
from stacks.settings.parsers import S3_SCHEME


@dataclass(frozen=True, kw_only=True)
class DataFolder:
    """A folder.

    Attributes:
        bucket: Name of its bucket.
        bucket_arn: ARN of the bucket.
        prefix: Prefix of its objects: "" for a whole bucket, or one that ends in a slash.
        is_own: Whether the bucket is the artifact bucket.
    """

    bucket: str
    bucket_arn: str
    prefix: str
    is_own: bool

    @classmethod
    def of(cls, scope: Construct, setting: str, *, own: s3.IBucket, own_folder: str) -> Self:
        """Returns the folder of a setting.

        Args:
            scope: Construct of the stack.
            setting: Value of the setting.
            own: Artifact bucket.
            own_folder: Folder in it that the value `own` means.
        """
        if setting == OWN_FOLDER:
            prefix = f"{own_folder}/"
            return cls(bucket=own.bucket_name, bucket_arn=own.bucket_arn, prefix=prefix, is_own=True)
        name, _, prefix = setting.removeprefix(S3_SCHEME).partition("/")
        arn = Stack.of(scope).format_arn(
            service="s3", region="", account="", resource=name, arn_format=ArnFormat.NO_RESOURCE_NAME
        )
        return cls(bucket=name, bucket_arn=arn, prefix=prefix, is_own=False)

    @property
    def url(self) -> str:
        """S3 URI of the folder."""
        return f"{S3_SCHEME}{self.bucket}/{self.prefix}"

    @property
    def objects_arn(self) -> str:
        """ARN of all its objects."""
        return f"{self.bucket_arn}/{self.prefix}*"
