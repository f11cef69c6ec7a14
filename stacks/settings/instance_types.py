"""The instance types SageMaker hosts models on."""

import functools
import re

from botocore.loaders import Loader

_ARM_FAMILY = re.compile(r"ml\.[a-z]+\d+[a-z]*g[a-z]*\.")

_ACCELERATED_FAMILY = re.compile(r"ml\.(?:p|g|gr|inf|trn|dl)\d")


@functools.cache
def hosted_instance_types() -> tuple[str, ...]:
    """The instance types SageMaker hosts models on, of those that run x86 images.

    Source: the ProductionVariantInstanceType of the API model that botocore carries.
    """
    shapes = Loader().load_service_model("sagemaker", "service-2")["shapes"]
    hosted = shapes["ProductionVariantInstanceType"]["enum"]
    return tuple(name for name in hosted if not _ARM_FAMILY.match(name))


def is_accelerated(instance_type: str) -> bool:
    """Whether the instance type is one with GPUs or other accelerators."""
    return bool(_ACCELERATED_FAMILY.match(instance_type))
