"""ContainerDefinition of a model: the one container of a CreateModel request.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html
"""

from collections.abc import Mapping
from typing import Any

from local.sagemaker.errors import invalid

ContainerDefinition = Mapping[str, Any]

_MULTI_MODEL = "MultiModel"
_MODES = ("SingleModel", _MULTI_MODEL)


def container_definition(model: Mapping[str, Any]) -> ContainerDefinition:
    """Returns the one container of a model.

    Args:
        model: The request of CreateModel.

    Raises:
        SageMakerError: The model has no container or several.
    """
    primary = [model["PrimaryContainer"]] if "PrimaryContainer" in model else []
    containers: list[ContainerDefinition] = [*model.get("Containers", ()), *primary]
    if len(containers) != 1:
        raise invalid(
            f"AWS on this machine supports one container in a model, and this one has {len(containers)}."
        )
    return containers[0]


def is_multi_model(container: ContainerDefinition) -> bool:
    """Whether the container hosts several models and loads each at its first invocation.

    https://docs.aws.amazon.com/sagemaker/latest/dg/create-multi-model-endpoint.html
    """
    return bool(container.get("Mode") == _MULTI_MODEL)


def check_container_definition(container: ContainerDefinition) -> None:
    """Checks the container of a new model.

    Raises:
        SageMakerError: The definition is invalid or not supported on this machine.
    """
    if "ModelDataSource" in container:
        raise invalid(
            "AWS on this machine does not support ModelDataSource: give ModelDataUrl, the URL of an archive."
        )
    if (mode := container.get("Mode", "SingleModel")) not in _MODES:
        raise invalid(
            f"1 validation error detected: Value '{mode}' at 'primaryContainer.mode' failed to satisfy "
            f"constraint: Member must satisfy enum value set: [{', '.join(_MODES)}]"
        )
    if is_multi_model(container) and "ModelDataUrl" not in container:
        raise invalid(
            "A container of Mode MultiModel needs ModelDataUrl, the prefix of its models' archives."
        )
