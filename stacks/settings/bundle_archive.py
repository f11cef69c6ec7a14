"""Bundle archive of a model: its file and its decoded content."""

from dataclasses import dataclass
from pathlib import Path

from bundle import Bundle


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A bundle with the path of the model.tar.gz it was read from."""

    path: Path
    bundle: Bundle

    @property
    def model(self) -> str:
        """Name of the model in the bundle."""
        return self.bundle.manifest.name
