"""Image builders: docker, podman and buildah."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from image.docker_format import DOCKER_OUTPUT
from image.errors import ImageError, MissingToolError

# SageMaker runs this platform only and refuses OCI manifests:
# https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
PLATFORM = "linux/amd64"

BUILDERS = ("docker", "podman", "buildah")
BUILD_OPTIONS = {
    "docker": ("build", "--output", DOCKER_OUTPUT),
    "podman": ("build", "--format", "docker", "--layers"),
    # Isolation chroot needs root, but neither a daemon nor a container runtime.
    "buildah": ("build", "--isolation", "chroot", "--format", "docker", "--layers"),
}
_INSPECT = {
    "docker": ("image", "inspect"),
    "podman": ("image", "inspect"),
    "buildah": ("inspect", "--type", "image"),
}
# Secrets need BuildKit; an attestation would turn the manifest into a list of them.
_DOCKER_SETTINGS = {"DOCKER_BUILDKIT": "1", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}


@dataclass(frozen=True)
class Builder:
    """An image builder.

    Attributes:
        name: docker, podman or buildah.
        command: The program and its global options.
    """

    name: str
    command: tuple[str, ...]

    @classmethod
    def find(cls, name: str | None = None, *, storage: Path | None = None) -> Self:
        """Finds the first builder that works, or the one with a name.

        Args:
            name: The builder's name; None for any.
            storage: The folder where podman and buildah store images, in place of their default.

        Raises:
            MissingToolError: No builder works.
        """
        for candidate in (name,) if name else BUILDERS:
            builder = cls(candidate, (candidate, *_storage_options(candidate, storage)))
            if shutil.which(candidate) and builder._works():
                return builder
        raise MissingToolError(
            f"{f'{name} does not work' if name else 'None of docker, podman and buildah works'} here: start"
            " Docker, or install podman or buildah. buildah needs no daemon, only root."
        )

    def _works(self) -> bool:
        return self._try("info").returncode == 0

    def build(
        self,
        folder: Path,
        *,
        file: Path,
        name: str,
        base: str = "",
        target: str = "",
        secrets: Mapping[str, Path] | None = None,
    ) -> None:
        """Builds a Dockerfile; the builder's output goes to standard error.

        Args:
            folder: The build context.
            file: The Dockerfile. A file <Dockerfile>.dockerignore beside it is applied.
            name: The image's name.
            base: The value of the build argument BASE_IMAGE; "" for its default.
            target: The stage to build; "" for the last.
            secrets: The files of build secrets, by id.

        Raises:
            ImageError: The build failed.
        """
        options = [*BUILD_OPTIONS[self.name], "--platform", PLATFORM, "--tag", name, "--file", str(file)]
        ignore = file.with_name(f"{file.name}.dockerignore")
        if self.name != "docker" and ignore.exists():
            options += ["--ignorefile", str(ignore)]
        if base:
            options += ["--build-arg", f"BASE_IMAGE={base}"]
        options += ["--target", target] if target else []
        for secret_id, secret in (secrets or {}).items():
            options += ["--secret", f"id={secret_id},src={secret}"]
        if self._run(*options, str(folder), stdout=sys.stderr).returncode:
            raise ImageError(f"{self.name} could not build {file.name}: see its output above.")

    def inspect(self, image: str) -> dict[str, Any] | None:
        """Returns the builder's description of an image; None if it does not have the image."""
        found = self._try(*_INSPECT[self.name], image)
        if found.returncode:
            return None
        parsed = json.loads(found.stdout)
        description: dict[str, Any] = parsed[0] if isinstance(parsed, list) else parsed
        return description

    def pull(self, image: str) -> str:
        """Pulls an image; returns the builder's error message, or ""."""
        pulled = self._try("pull", "--platform", PLATFORM, image)
        return (
            "" if pulled.returncode == 0 else (pulled.stderr.strip().splitlines() or ["no reason given"])[-1]
        )

    def _try(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def _run(self, *arguments: str, **streams: Any) -> subprocess.CompletedProcess[str]:
        environment = os.environ | _DOCKER_SETTINGS
        command = [*self.command, *arguments]
        return subprocess.run(
            command, check=False, env=environment, encoding="utf-8", errors="replace", **streams
        )


def _storage_options(name: str, storage: Path | None) -> tuple[str, ...]:
    if storage is None or name == "docker":
        return ()
    folder = storage.absolute()
    return ("--root", str(folder / "root"), "--runroot", str(folder / "run"))
