"""The container of a model, as CreateModel was told of it."""

from collections.abc import Mapping
from typing import Any

from local.sagemaker.errors import invalid

_MODES = ("SingleModel", "MultiModel")

Specification = Mapping[str, Any]


def container_of(model: Mapping[str, Any]) -> Specification:
    """The one container of a model.

    Args:
        model: The request of CreateModel.

    Raises:
        SageMakerError: It has another number of them.
    """
    primary = [model["PrimaryContainer"]] if "PrimaryContainer" in model else []
    containers: list[Specification] = [*model.get("Containers", ()), *primary]
    if len(containers) != 1:
        raise invalid(f"A model here has one container, and this one has {len(containers)}.")
    return containers[0]


def is_multi_model(container: Specification) -> bool:
    """Whether the container hosts several models, which it gets one by one.

    https://docs.aws.amazon.com/sagemaker/latest/dg/create-multi-model-endpoint.html
    """
    return bool(container.get("Mode") == "MultiModel")


def check_specification(container: Specification) -> None:
    """Check what a new model says of its container.

    Raises:
        SageMakerError: It is what nothing here can follow.
    """
    if "ModelDataSource" in container:
        raise invalid("Model data comes as one archive here: give ModelDataUrl, not ModelDataSource.")
    if (mode := container.get("Mode", "SingleModel")) not in _MODES:
        raise invalid(
            f"1 validation error detected: Value '{mode}' at 'primaryContainer.mode' failed to satisfy "
            f"constraint: Member must satisfy enum value set: [{', '.join(_MODES)}]"
        )
    if is_multi_model(container) and "ModelDataUrl" not in container:
        raise invalid(
            "A container of Mode MultiModel needs ModelDataUrl, the prefix of its models' archives."
        )
