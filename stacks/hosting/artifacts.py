"""Where a hosting finds its model and leaves what it captures."""

from typing import Protocol

from aws_cdk import aws_iam as iam


class Artifacts(Protocol):
    """The bucket as a hosting needs to know it."""

    @property
    def holds_several(self) -> bool:
        """Whether there are several models."""

    @property
    def model_data_url(self) -> str:
        """S3 URI of the bundle, or of what several have in common."""

    @property
    def interface(self) -> str:
        """A digest of what the one model's clients rely on; empty of several."""

    @property
    def captures_url(self) -> str:
        """S3 URI below which captured requests and answers are kept."""

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Lets `grantee` read the bundles of the models."""

    def grant_capture(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` write captured requests and answers."""
