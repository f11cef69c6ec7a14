"""The container image that serves any bundle."""

from aws_cdk import IgnoreMode
from aws_cdk import aws_ecr_assets as ecr_assets
from constructs import Construct

from stacks.settings.settings import ROOT

_ROOMS = ("bundle", "serving")
# The last pattern that matches decides: nothing, then the rooms, then not what running them leaves behind.
_EXCLUDE = ["**", *(f"!{room}/**" for room in _ROOMS), "**/__pycache__", "**/*.pyc"]


class ModelImage(Construct):
    """serving/Dockerfile, built from serving/ and bundle/ and from nothing else in the checkout.

    SageMaker runs linux/amd64 and refuses OCI manifests, which is why the output type is asked for:
    https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html

    Attributes:
        asset: Where the image is in ECR, by its content.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.asset = ecr_assets.DockerImageAsset(
            self,
            "Asset",
            directory=str(ROOT),
            file="serving/Dockerfile",
            exclude=_EXCLUDE,
            ignore_mode=IgnoreMode.DOCKER,
            platform=ecr_assets.Platform.LINUX_AMD64,
            outputs=["type=docker"],
        )
