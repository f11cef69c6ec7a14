"""Production variant of an endpoint configuration, and its properties that an update can retain.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_VariantProperty.html
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class VariantProperties:
    """DesiredInstanceCount and DesiredWeight; a serverless variant has one instance here."""

    instance_count: int
    weight: float


def variant_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the production variant of a CreateEndpointConfig request; the local SageMaker takes one."""
    variant: dict[str, Any] = config["ProductionVariants"][0]
    return variant


def properties_of(config: Mapping[str, Any]) -> VariantProperties:
    """Returns the properties that an endpoint configuration asks for."""
    variant = variant_of(config)
    return VariantProperties(variant.get("InitialInstanceCount", 1), variant.get("InitialVariantWeight", 1.0))


def retained_properties(request: Mapping[str, Any]) -> Collection[str]:
    """Returns the types of the properties that an UpdateEndpoint request retains.

    DataCaptureConfig can be excluded and is never retained: SageMaker does not support it as a property.
    """
    if not request.get("RetainAllVariantProperties"):
        return frozenset()
    excluded = {item["VariantPropertyType"] for item in request.get("ExcludeRetainedVariantProperties", ())}
    return frozenset({"DesiredInstanceCount", "DesiredWeight"} - excluded)


def merge(
    current: VariantProperties, wanted: VariantProperties, *, retained: Collection[str]
) -> VariantProperties:
    """Returns the properties after an update: the current ones that are retained, else the wanted ones."""
    return VariantProperties(
        current.instance_count if "DesiredInstanceCount" in retained else wanted.instance_count,
        current.weight if "DesiredWeight" in retained else wanted.weight,
    )
