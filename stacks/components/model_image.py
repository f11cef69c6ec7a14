"""The container image that serves any bundle."""

from aws_cdk import IgnoreMode
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.settings import ROOT

_ROOMS = ("bundle", "serving")
# The last pattern that matches decides: nothing, then the rooms, then not what running them leaves behind.
_EXCLUDE = ["**", *(f"!{room}/**" for room in _ROOMS), "**/__pycache__", "**/*.pyc"]


class ModelImage(Construct):
    """serving/Dockerfile, built from serving/ and bundle/ and from nothing else in the checkout.

    SageMaker runs linux/amd64 and refuses OCI manifests, which is why the output type is asked for:
    https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html

    Attributes:
        image_uri: Where the image is in ECR, by its content.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self._asset = ecr_assets.DockerImageAsset(
            self,
            "Asset",
            directory=str(ROOT),
            file="serving/Dockerfile",
            exclude=_EXCLUDE,
            ignore_mode=IgnoreMode.DOCKER,
            platform=ecr_assets.Platform.LINUX_AMD64,
            outputs=["type=docker"],
        )
        self.image_uri = self._asset.image_uri

    def grant_pull(self, grantee: iam.IGrantable) -> iam.Grant:
        """Lets `grantee` pull images of the repository this one is in."""
        return self._asset.repository.grant_pull(grantee)
