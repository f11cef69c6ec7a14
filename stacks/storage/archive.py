"""A model's bundle, as it goes into a stack."""

from dataclasses import dataclass
from pathlib import Path

from bundle import Bundle


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A bundle, and the file that it is in."""

    path: Path
    bundle: Bundle

    @property
    def model(self) -> str:
        """The name of its model."""
        return self.bundle.manifest.name
