"""Options of each image builder for an image in Docker's format, the only one that SageMaker accepts."""

from collections.abc import Sequence
from pathlib import Path

# Media type of its manifest.
DOCKER_V2 = "application/vnd.docker.distribution.manifest.v2+json"
# BuildKit, behind docker and finch, writes OCI media types unless told otherwise:
# https://docs.docker.com/build/exporters/oci-docker/
DOCKER_OUTPUT = "type=docker,oci-mediatypes=false"
# podman and buildah take `--output` for a folder to write files to, and their image stays in OCI format;
# BUILDAH_FORMAT in their environment selects the format:
# https://docs.podman.io/en/latest/markdown/podman-build.1.html#format
FORMAT_ENVIRONMENT = {"BUILDAH_FORMAT": "docker"}
_WITHOUT_OUTPUT = ("podman", "buildah")


def image_outputs(builder: str) -> Sequence[str] | None:
    """Returns the values of `--output` that a builder gets from the CDK CLI; None for none.

    Args:
        builder: Program that builds the image, as the CDK CLI takes it from CDK_DOCKER: docker, finch, podman
            or buildah, or a path that ends in one.
    """
    return None if Path(builder).name in _WITHOUT_OUTPUT else [DOCKER_OUTPUT]
