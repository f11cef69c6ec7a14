"""A model as the documents tell of it, alone or as one of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.names import marks, predict_paths
from bundle import Manifest


@dataclass(frozen=True, kw_only=True)
class Described:
    """One model of an API.

    Attributes:
        manifest: Of its bundle.
        path: Where it is asked.
        mark: What tells the names of its own parts from those of the API's other models; "" when it is alone.
    """

    manifest: Manifest
    path: str
    mark: str

    @property
    def name(self) -> str:
        """The model's name."""
        return self.manifest.name

    @property
    def operation(self) -> str:
        """The operation that predicts."""
        return f"predict{self.mark}"

    @property
    def tag(self) -> str:
        """The heading it is under, of which generators of clients make a module."""
        return self.mark or "predictions"

    def own(self, part: str) -> str:
        """The name of one of its own parts of the document."""
        # A mark holds no underscore, so no two names that are put together are the same.
        return f"{self.mark}_{part}" if self.mark else part

    def schema(self, part: str) -> dict[str, Any]:
        """A reference to one of its own schemas."""
        return {"$ref": f"#/components/schemas/{self.own(part)}"}


Models = Sequence[Described]


def describe(manifests: Sequence[Manifest]) -> Models:
    """The models of one API, in their order."""
    names = [manifest.name for manifest in manifests]
    paths, marked = predict_paths(names), marks(names)
    return [
        Described(manifest=manifest, path=paths[manifest.name], mark=marked[manifest.name])
        for manifest in manifests
    ]


def are_several(models: Models) -> bool:
    """Whether each model has a path of its own."""
    return len(models) > 1
