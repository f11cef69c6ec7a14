"""Manifest of the pushed image, which must be of a type that the hosting accepts."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from image.docker_format import DOCKER_V2
from stacks.commands.aws_account import AwsAccount
from stacks.settings.parsers import Hosting

_OCI = "application/vnd.oci.image.manifest.v1+json"
_LISTS = (
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
)
# https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
# https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
_ACCEPTED: Mapping[Hosting, tuple[str, ...]] = {
    "realtime": (DOCKER_V2,),
    "serverless": (DOCKER_V2,),
    "lambda": (DOCKER_V2, _OCI),
}


def wrong_manifests(account: AwsAccount, assembly: Path, *, stack: str, hosting: Hosting) -> Iterator[str]:
    """Yields one sentence for each pushed image of a stack that the hosting would refuse.

    Args:
        account: The account of the deployment.
        assembly: Folder of the cloud assembly.
        stack: Name of the stack.
        hosting: Service that runs the image.

    Raises:
        UnreadableAccountError: When ECR refuses.
    """
    for repository, tag in _images(account, assembly / f"{stack}.assets.json"):
        found = account.read(
            "ecr",
            "batch_get_image",
            action="ecr:BatchGetImage",
            repositoryName=repository,
            imageIds=[{"imageTag": tag}],
            acceptedMediaTypes=[DOCKER_V2, _OCI, *_LISTS],
        )
        types = [image["imageManifestMediaType"] for image in found["images"]]
        if not types:
            yield f"The image {repository}:{tag} is not in the registry: see the output of its build above."
        elif types[0] not in _ACCEPTED[hosting]:
            yield _sentence(account, repository, tag, types[0], hosting)


def _images(account: AwsAccount, manifest: Path) -> Iterator[tuple[str, str]]:
    images = json.loads(manifest.read_text(encoding="utf-8")).get("dockerImages", {})
    for image in images.values():
        for destination in image["destinations"].values():
            name = destination["repositoryName"].replace("${AWS::AccountId}", account.number)
            yield name.replace("${AWS::Region}", account.region), destination["imageTag"]


def _sentence(account: AwsAccount, repository: str, tag: str, found: str, hosting: Hosting) -> str:
    delete = (
        f"aws ecr batch-delete-image --region {account.region} --repository-name {repository} "
        f"--image-ids imageTag={tag}"
    )
    return (
        f"The image {repository}:{tag} has a manifest of type {found}, and hosting {hosting} accepts only "
        f"{' and '.join(_ACCEPTED[hosting])}: delete it with `{delete}`, because the CDK pushes no tag twice."
        " Then update the builder (docker or finch with BuildKit, or podman), and run `make deploy` again."
    )
