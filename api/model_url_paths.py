"""Models of an API: the path of each, and the names of its parts in the documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.routes import predict_paths
from bundle import Manifest

JsonObject = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ApiModel:
    """One model of an API.

    Attributes:
        manifest: Manifest of its bundle.
        path: Path of its predictions.
        prefix: Prefix of the names of its own parts, "" for an only model.
    """

    manifest: Manifest
    path: str
    prefix: str

    @property
    def name(self) -> str:
        """The model's name."""
        return self.manifest.name

    @property
    def operation(self) -> str:
        """The operationId of its predictions."""
        return f"predict{self.prefix}"

    @property
    def tag(self) -> str:
        """The tag of its operation; generators of clients make a module of each tag."""
        return self.prefix or "predictions"

    def component(self, name: str) -> str:
        """Returns the name of one of its own components of the document."""
        # A prefix has no underscore, so combined names of different models differ.
        return f"{self.prefix}_{name}" if self.prefix else name

    def schema(self, name: str) -> JsonObject:
        """Returns a reference to one of its own schemas."""
        return {"$ref": f"#/components/schemas/{self.component(name)}"}


ApiModels = Sequence[ApiModel]


def api_models(manifests: Sequence[Manifest]) -> ApiModels:
    """Returns the models of one API, in the order of the manifests."""
    names = [manifest.name for manifest in manifests]
    paths, prefixes = predict_paths(names), model_prefixes(names)
    return [
        ApiModel(manifest=manifest, path=paths[manifest.name], prefix=prefixes[manifest.name])
        for manifest in manifests
    ]


def has_several(models: ApiModels) -> bool:
    """Returns whether each model has a path of its own."""
    return len(models) > 1


def in_camel_case(model: str) -> str:
    """Returns a model's name in CamelCase, such as FirstModel for first_model."""
    return "".join(word.capitalize() for word in model.split("_"))


def stack_name_of(models: Sequence[str], stage: str) -> str:
    """Returns the default name of the stack of some models in a stage, such as FirstModel and FirstModelProd.

    Production has a stack of its own, so both stages of a model fit into one account and region.
    """
    return "".join(map(in_camel_case, models)) + ("Prod" if stage == "prod" else "")


def model_prefixes(models: Sequence[str]) -> Mapping[str, str]:
    """Returns a prefix for the names of each model's own parts, by the model's name; "" for an only model."""
    if len(models) == 1:
        return {models[0]: ""}
    return {model: in_camel_case(model) for model in models}
