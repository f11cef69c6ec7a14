"""Instance types of SageMaker hosting."""

import functools
import re

from botocore.loaders import Loader

_ARM_FAMILY = re.compile(r"ml\.[a-z]+\d+[a-z]*g[a-z]*\.")

_ACCELERATED_FAMILY = re.compile(r"ml\.(?:p|g|gr|inf|trn|dl)\d")


@functools.cache
def hosted_instance_types() -> tuple[str, ...]:
    """Returns the x86 instance types of SageMaker hosting.

    Source: the enum ProductionVariantInstanceType in botocore's model of the SageMaker API.
    """
    shapes = Loader().load_service_model("sagemaker", "service-2")["shapes"]
    hosted = shapes["ProductionVariantInstanceType"]["enum"]
    return tuple(name for name in hosted if not _ARM_FAMILY.match(name))


def is_accelerated(instance_type: str) -> bool:
    """Returns whether the instance type has GPUs or other accelerators."""
    return bool(_ACCELERATED_FAMILY.match(instance_type))
