"""Keys of the bundles in the artifact bucket, derived from their content."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from stacks.settings.bundle_archive import Archive

PREFIX = "models"
# Of the reports of trainings, which the page /model shows.
REPORTS = f"{PREFIX}/reports"


@dataclass(frozen=True, kw_only=True)
class BundleLayout:
    """Keys of the bundles of one stack.

    Attributes:
        keys: Key of each bundle, in the order of the archives.
        model_data: Key or prefix for SageMaker's ModelDataUrl: the key of a single bundle, or the prefix of
            several, to which SageMaker appends the TargetModel of a request.
        readable: Key pattern that matches these bundles and earlier ones of the same models.
    """

    keys: Sequence[str]
    model_data: str
    readable: str


def lay_out(archives: Sequence[Archive]) -> BundleLayout:
    """Returns the layout of bundles that are served together."""
    readable = readable_keys([archive.model for archive in archives])
    if len(archives) == 1:
        [archive] = archives
        key = f"{PREFIX}/{archive.model}/{archive.bundle.digest}/model.tar.gz"
        return BundleLayout(keys=[key], model_data=key, readable=readable)
    prefix = f"{PREFIX}/{_digest(archives)}/"
    keys = [f"{prefix}{archive.model}.tar.gz" for archive in archives]
    return BundleLayout(keys=keys, model_data=prefix, readable=readable)


def readable_keys(models: Sequence[str]) -> str:
    """Returns a key pattern that matches every bundle of a stack of these models, past and future."""
    return f"{PREFIX}/{models[0]}/*" if len(models) == 1 else f"{PREFIX}/*"


def _digest(archives: Sequence[Archive]) -> str:
    lines = [f"{archive.model} {archive.bundle.digest}" for archive in archives]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
