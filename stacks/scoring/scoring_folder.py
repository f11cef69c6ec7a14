"""Folder in S3 with files to score and with results: the setting scoring_data."""

from dataclasses import dataclass
from typing import Self

from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.settings.data_folders import OWN_FOLDER
from stacks.settings.parsers import S3_SCHEME
from stacks.settings.settings import SCORES


@dataclass(frozen=True, kw_only=True)
class ScoringFolder:
    """A folder.

    Attributes:
        bucket: Its bucket.
        prefix: Prefix of its objects, without the slash at the end.
    """

    bucket: s3.IBucket
    prefix: str

    @classmethod
    def of(cls, scope: Construct, setting: str, *, own: s3.IBucket) -> Self:
        """Returns the folder of the setting; `own` is the artifact bucket."""
        if setting == OWN_FOLDER:
            return cls(bucket=own, prefix=SCORES)
        name, _, prefix = setting.removeprefix(S3_SCHEME).partition("/")
        return cls(bucket=s3.Bucket.from_bucket_name(scope, "Folder", name), prefix=prefix)

    @property
    def url(self) -> str:
        """S3 URI of the folder."""
        return f"{S3_SCHEME}{self.bucket.bucket_name}/{self.prefix}"

    @property
    def objects_arn(self) -> str:
        """ARN of all its objects."""
        return str(self.bucket.arn_for_objects(f"{self.prefix}/*"))
