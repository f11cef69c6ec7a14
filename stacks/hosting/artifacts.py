"""Where a hosting finds its model and leaves what it captures."""

from typing import Protocol

from aws_cdk import aws_iam as iam


class Artifacts(Protocol):
    """The bucket as a hosting needs to know it."""

    @property
    def model_data_url(self) -> str:
        """S3 URI of the bundle."""

    @property
    def captures_url(self) -> str:
        """S3 URI below which captured requests and answers are kept."""

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` read the bundles of the model."""

    def grant_capture(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` write captured requests and answers."""
