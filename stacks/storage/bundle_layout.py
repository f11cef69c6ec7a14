"""Where bundles lie in the artifact bucket: by their content, so that what changes has another place."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from stacks.storage.archive import Archive

PREFIX = "models"


@dataclass(frozen=True, kw_only=True)
class BundleLayout:
    """The places of the bundles of one stack.

    Attributes:
        keys: The key of each bundle, in their order.
        model_data: What SageMaker is told: the key of a bundle that is alone, or the prefix of several, to
            which it adds the name of the one that is asked.
        readable: The keys of these bundles and of those before them, as a pattern.
    """

    keys: Sequence[str]
    model_data: str
    readable: str


def lay_out(archives: Sequence[Archive]) -> BundleLayout:
    """The places of bundles that are served together."""
    readable = readable_keys([archive.model for archive in archives])
    if len(archives) == 1:
        [archive] = archives
        key = f"{PREFIX}/{archive.model}/{archive.bundle.digest}/model.tar.gz"
        return BundleLayout(keys=[key], model_data=key, readable=readable)
    prefix = f"{PREFIX}/{_digest(archives)}/"
    keys = [f"{prefix}{archive.model}.tar.gz" for archive in archives]
    return BundleLayout(keys=keys, model_data=prefix, readable=readable)


def readable_keys(models: Sequence[str]) -> str:
    """The keys of all bundles that a stack of these models ever has, as a pattern."""
    return f"{PREFIX}/{models[0]}/*" if len(models) == 1 else f"{PREFIX}/*"


def _digest(archives: Sequence[Archive]) -> str:
    lines = [f"{archive.model} {archive.bundle.digest}" for archive in archives]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
