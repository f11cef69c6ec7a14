"""What builds images on this machine: docker, podman or buildah, whichever works."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from image.errors import ImageError, LackingError

# SageMaker runs this platform only and refuses OCI manifests:
# https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
PLATFORM = "linux/amd64"

NAMES = ("docker", "podman", "buildah")
_BUILD = {
    "docker": ("build", "--output", "type=docker"),
    "podman": ("build", "--format", "docker", "--layers"),
    # Without a daemon and without a runtime: all it needs is to be root.
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
    """A program that builds images.

    Attributes:
        name: docker, podman or buildah.
        command: How it is called, before the words that say what to do.
    """

    name: str
    command: tuple[str, ...]

    @classmethod
    def find(cls, name: str | None = None, *, storage: Path | None = None) -> Self:
        """The first of the three that works, or the one of that `name`.

        Args:
            name: Which one, if not any.
            storage: Folder where podman and buildah keep what they build, instead of their own.

        Raises:
            LackingError: When none works.
        """
        for candidate in (name,) if name else NAMES:
            builder = cls(candidate, (candidate, *_storage_words(candidate, storage)))
            if shutil.which(candidate) and builder._works():
                return builder
        raise LackingError(
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
        """Builds a Dockerfile; what the builder says goes to stderr.

        Args:
            folder: What the Dockerfile may copy from.
            file: The Dockerfile; beside it may lie what to ignore, under its name with .dockerignore.
            name: What to call the image.
            base: Its BASE_IMAGE, if it has one.
            target: The stage to build, if not the last.
            secrets: Files that it may read while it is built, by id.

        Raises:
            ImageError: When it fails.
        """
        words = [*_BUILD[self.name], "--platform", PLATFORM, "--tag", name, "--file", str(file)]
        ignore = file.with_name(f"{file.name}.dockerignore")
        if self.name != "docker" and ignore.exists():
            words += ["--ignorefile", str(ignore)]
        if base:
            words += ["--build-arg", f"BASE_IMAGE={base}"]
        words += ["--target", target] if target else []
        for known_as, secret in (secrets or {}).items():
            words += ["--secret", f"id={known_as},src={secret}"]
        if self._run(*words, str(folder), stdout=sys.stderr).returncode:
            raise ImageError(f"{self.name} could not build {file.name}: see above.")

    def inspect(self, image: str) -> dict[str, Any] | None:
        """What the builder tells of an image it has, None when it has not."""
        found = self._try(*_INSPECT[self.name], image)
        if found.returncode:
            return None
        told = json.loads(found.stdout)
        description: dict[str, Any] = told[0] if isinstance(told, list) else told
        return description

    def pull(self, image: str) -> str:
        """Fetches an image; the reason when it cannot be had, else nothing."""
        pulled = self._try("pull", "--platform", PLATFORM, image)
        return (
            "" if pulled.returncode == 0 else (pulled.stderr.strip().splitlines() or ["no reason given"])[-1]
        )

    def _try(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._run(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def _run(self, *words: str, **streams: Any) -> subprocess.CompletedProcess[str]:
        environment = os.environ | _DOCKER_SETTINGS
        return subprocess.run([*self.command, *words], check=False, env=environment, text=True, **streams)


def _storage_words(name: str, storage: Path | None) -> tuple[str, ...]:
    if storage is None or name == "docker":
        return ()
    place = storage.absolute()
    return ("--root", str(place / "root"), "--runroot", str(place / "run"))
