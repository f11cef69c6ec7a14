"""Built image: its properties, and whether SageMaker accepts it."""

import json
from dataclasses import dataclass
from typing import Any, Self

from image.builder import PLATFORM, Builder
from image.docker_format import DOCKER_V2
from image.errors import ImageError


@dataclass(frozen=True)
class BuiltImage:
    """The properties of an image on this machine.

    Attributes:
        name: Its name.
        id: The digest of its configuration, sha256:...
        builder: The name of the builder that has it.
        base: The name of its base image.
        platform: Its platform, such as linux/amd64.
        manifest: The media type of its manifest; None if the builder makes the manifest at push only.
        digest: The digest of that manifest, or None.
        size: The size of its unpacked layers in bytes.
    """

    name: str
    id: str
    builder: str
    base: str
    platform: str
    manifest: str | None
    digest: str | None
    size: int

    @classmethod
    def read(cls, builder: Builder, name: str, *, base: str) -> Self:
        """Reads the properties of an image from a builder.

        Raises:
            ImageError: The builder does not have the image, or SageMaker does not accept it.
        """
        description = builder.inspect(name)
        if description is None:
            raise ImageError(f"{builder.name} has no image {name}.")
        read = _of_buildah if builder.name == "buildah" else _of_engine
        image = cls(name=name, builder=builder.name, base=base, **read(description))
        if image.platform != PLATFORM or image.manifest not in (DOCKER_V2, None):
            raise ImageError(
                f"{name} is for {image.platform} with a manifest {image.manifest}: SageMaker accepts only"
                f" {PLATFORM} with {DOCKER_V2}."
            )
        return image


def _of_buildah(inspected: dict[str, Any]) -> dict[str, Any]:
    manifest = json.loads(inspected["Manifest"])
    return {
        "id": manifest["config"]["digest"],
        "platform": f"{inspected['Docker']['os']}/{inspected['Docker']['architecture']}",
        "manifest": manifest["mediaType"],
        "digest": inspected["FromImageDigest"],
        "size": sum(layer["size"] for layer in manifest["layers"]),
    }


def _of_engine(inspected: dict[str, Any]) -> dict[str, Any]:
    descriptor = inspected.get("Descriptor") or {}
    return {
        "id": f"sha256:{inspected['Id'].removeprefix('sha256:')}",
        "platform": f"{inspected['Os']}/{inspected['Architecture']}",
        "manifest": inspected.get("ManifestType") or descriptor.get("mediaType"),
        "digest": inspected.get("Digest") or descriptor.get("digest"),
        "size": inspected["Size"],
    }
