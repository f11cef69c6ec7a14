"""Folder in S3 with the rows of retrainings: the setting data."""

from dataclasses import dataclass
from typing import Self

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.settings.parsers import S3_SCHEME
from stacks.settings.retraining.parsers import OWN_ROWS
from stacks.settings.settings import TRAINING_ROWS


@dataclass(frozen=True, kw_only=True)
class RowsFolder:
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
    def of(cls, scope: Construct, setting: str, *, own: s3.IBucket) -> Self:
        """Returns the folder of the setting; `own` is the artifact bucket."""
        if setting == OWN_ROWS:
            prefix = f"{TRAINING_ROWS}/"
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
