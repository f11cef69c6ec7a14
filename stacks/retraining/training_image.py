"""Container image of training and judging jobs."""

from aws_cdk import IgnoreMode
from aws_cdk import aws_ecr_assets as ecr_assets
from constructs import Construct

from image.docker_format import image_outputs
from stacks.settings.settings import ROOT

# The stage of the Dockerfile; the stage that serves is built too, by a builder that skips none.
_STAGE = "train"
_ROOMS = ("bundle", "training")
# Of serving/ only what the Dockerfile copies for this stage: a change of the server makes no other image.
_EXCLUDE = [
    "**",
    *(f"!{room}/**" for room in _ROOMS),
    "!serving/Dockerfile",
    "**/__pycache__",
    "**/*.pyc",
]


def make_training_image(scope: Construct, id: str, *, builder: str) -> ecr_assets.DockerImageAsset:
    """Returns the asset of the stage `train` of serving/Dockerfile, tagged with the digest of its content.

    Args:
        scope: Parent construct.
        id: Id of the construct.
        builder: Program that builds the image, from CDK_DOCKER.
    """
    return ecr_assets.DockerImageAsset(
        scope,
        id,
        directory=str(ROOT),
        file="serving/Dockerfile",
        target=_STAGE,
        exclude=_EXCLUDE,
        ignore_mode=IgnoreMode.DOCKER,
        platform=ecr_assets.Platform.LINUX_AMD64,
        outputs=image_outputs(builder),
        # The builder is no part of the content, so the template is the same with each.
        invalidation=ecr_assets.DockerImageAssetInvalidationOptions(outputs=False),
    )
