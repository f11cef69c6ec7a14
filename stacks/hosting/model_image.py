"""Container image of the server, which serves any bundle."""

from aws_cdk import IgnoreMode
from aws_cdk import aws_ecr_assets as ecr_assets
from constructs import Construct

from image.docker_format import image_outputs
from stacks.settings.settings import ROOT

_ROOMS = ("bundle", "serving")
# The last matching pattern decides: exclude everything, include the rooms, exclude bytecode.
_EXCLUDE = ["**", *(f"!{room}/**" for room in _ROOMS), "**/__pycache__", "**/*.pyc"]


class ModelImage(Construct):
    """Image of serving/Dockerfile, whose build context is serving/ and bundle/ only.

    SageMaker runs linux/amd64 and rejects OCI manifests, so the manifest is Docker's:
    https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
    """

    def __init__(self, scope: Construct, id: str, *, builder: str) -> None:
        """Makes a construct without an asset.

        Args:
            scope: Parent construct.
            id: Construct id.
            builder: Program that builds the image, from CDK_DOCKER.
        """
        super().__init__(scope, id)
        self._builder = builder
        self._asset: ecr_assets.DockerImageAsset | None = None

    @property
    def asset(self) -> ecr_assets.DockerImageAsset:
        """Image asset, tagged with the digest of its build context, whichever program builds it.

        It is made at its first use: the CDK CLI builds each image of a stack, used or not.
        """
        if self._asset is None:
            self._asset = self._make_asset()
        return self._asset

    def _make_asset(self) -> ecr_assets.DockerImageAsset:
        return ecr_assets.DockerImageAsset(
            self,
            "Asset",
            directory=str(ROOT),
            file="serving/Dockerfile",
            exclude=_EXCLUDE,
            ignore_mode=IgnoreMode.DOCKER,
            platform=ecr_assets.Platform.LINUX_AMD64,
            outputs=image_outputs(self._builder),
            # The builder is no part of the content, so the template is the same with each.
            invalidation=ecr_assets.DockerImageAssetInvalidationOptions(outputs=False),
        )
