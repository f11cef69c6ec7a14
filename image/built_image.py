"""An image that was built, and whether SageMaker would take it."""

import json
from dataclasses import dataclass
from typing import Any, Self

from image.builder import PLATFORM, Builder
from image.errors import ImageError

DOCKER_V2 = "application/vnd.docker.distribution.manifest.v2+json"


@dataclass(frozen=True)
class BuiltImage:
    """What is known of an image on this machine.

    Attributes:
        name: What it is called.
        id: Digest of its configuration, sha256:...
        builder: Who has it.
        base: What it was built on.
        platform: What it runs on.
        manifest: Media type of its manifest; None when the builder makes one only when the image is pushed.
        digest: Digest of that manifest, or None.
        size: Bytes of all its layers, unpacked.
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
        """Asks a builder for the image called `name`.

        Raises:
            ImageError: When there is none, or it is one that SageMaker refuses.
        """
        told = builder.inspect(name)
        if told is None:
            raise ImageError(f"{builder.name} has no image {name}.")
        facts = _of_buildah(told) if builder.name == "buildah" else _of_engine(told)
        image = cls(name=name, builder=builder.name, base=base, **facts)
        if image.platform != PLATFORM or image.manifest not in (DOCKER_V2, None):
            raise ImageError(
                f"{name} is for {image.platform} with a manifest {image.manifest}: SageMaker takes only"
                f" {PLATFORM} with {DOCKER_V2}."
            )
        return image


def _of_buildah(told: dict[str, Any]) -> dict[str, Any]:
    manifest = json.loads(told["Manifest"])
    return {
        "id": manifest["config"]["digest"],
        "platform": f"{told['Docker']['os']}/{told['Docker']['architecture']}",
        "manifest": manifest["mediaType"],
        "digest": told["FromImageDigest"],
        "size": sum(layer["size"] for layer in manifest["layers"]),
    }


def _of_engine(told: dict[str, Any]) -> dict[str, Any]:
    descriptor = told.get("Descriptor") or {}
    return {
        "id": f"sha256:{told['Id'].removeprefix('sha256:')}",
        "platform": f"{told['Os']}/{told['Architecture']}",
        "manifest": told.get("ManifestType") or descriptor.get("mediaType"),
        "digest": told.get("Digest") or descriptor.get("digest"),
        "size": told["Size"],
    }
