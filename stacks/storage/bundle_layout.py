"""Keys of the bundles in the artifact bucket, derived from their content."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bundle import ARCHIVE, VERSIONS, version_folder
from stacks.settings.bundle_archive import Archive

# Of the reports of the trainings of several models, which the page /model shows.
REPORTS = f"{VERSIONS}/reports"


@dataclass(frozen=True, kw_only=True)
class BundleLayout:
    """Keys of the bundles of one stack.

    Attributes:
        keys: Key of each bundle, in the order of the archives.
        prefix: Prefix of several bundles, to which SageMaker appends the TargetModel of a request; the folder
            of the version of a single one.
        readable: Key pattern that matches these bundles and earlier ones of the same models.
    """

    keys: Sequence[str]
    prefix: str
    readable: str


def lay_out(archives: Sequence[Archive]) -> BundleLayout:
    """Returns the layout of bundles that are served together."""
    readable = readable_keys([archive.model for archive in archives])
    if len(archives) == 1:
        [archive] = archives
        folder = version_folder(archive.model, archive.bundle.manifest.version)
        return BundleLayout(keys=[f"{folder}/{ARCHIVE}"], prefix=folder, readable=readable)
    prefix = f"{VERSIONS}/{_digest(archives)}/"
    keys = [f"{prefix}{archive.model}.tar.gz" for archive in archives]
    return BundleLayout(keys=keys, prefix=prefix, readable=readable)


def readable_keys(models: Sequence[str]) -> str:
    """Returns a key pattern that matches every bundle of a stack of these models, past and future."""
    return version_folder(models[0], "*") if len(models) == 1 else f"{VERSIONS}/*"


def _digest(archives: Sequence[Archive]) -> str:
    lines = [f"{archive.model} {archive.bundle.digest}" for archive in archives]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
