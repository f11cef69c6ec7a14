"""Instance types of SageMaker hosting."""

import functools
import re

from botocore.loaders import Loader

# Graviton families have a g after the number; the Grace processors of p6e-gb200 are Arm too:
# https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
_ARM_FAMILY = re.compile(r"ml\.[a-z]+\d+(?:[a-z]*g[a-z]*|[a-z]*-gb\d+)\.")

_ACCELERATED_FAMILY = re.compile(r"ml\.(?:p|g|gr|inf|trn|dl)\d")
_BURSTABLE_FAMILY = re.compile(r"ml\.t\d")
_WITHOUT_GUARDRAILS = re.compile(r"ml\.inf1\.")

_SIZE = re.compile(r"\.(?:medium|large|(\d*)xlarge)$")


@functools.cache
def hosted_instance_types() -> tuple[str, ...]:
    """Returns the x86 instance types of SageMaker hosting.

    Source: the enum ProductionVariantInstanceType in botocore's model of the SageMaker API.
    """
    shapes = Loader().load_service_model("sagemaker", "service-2")["shapes"]
    hosted = shapes["ProductionVariantInstanceType"]["enum"]
    return tuple(name for name in hosted if not is_arm(name))


def is_arm(instance_type: str) -> bool:
    """Returns whether the processors of an instance type are Arm, for which the images are not built."""
    return bool(_ARM_FAMILY.match(instance_type))


def is_accelerated(instance_type: str) -> bool:
    """Returns whether the instance type has GPUs or other accelerators."""
    return bool(_ACCELERATED_FAMILY.match(instance_type))


def is_burstable(instance_type: str) -> bool:
    """Returns whether the instance type is burstable, which SageMaker does not scale.

    https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-console.html
    """
    return bool(_BURSTABLE_FAMILY.match(instance_type))


def has_guardrails(instance_type: str) -> bool:
    """Returns whether SageMaker updates an endpoint of this instance type with deployment guardrails.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
    """
    return not _WITHOUT_GUARDRAILS.match(instance_type)


def vcpus(instance_type: str) -> int:
    """Returns the number of vCPUs by the size in the name: 2 for large, 4 for each xlarge.

    Some older families have fewer, such as ml.c4.8xlarge with 36:
    https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
    """
    size = _SIZE.search(instance_type)
    if not (size and instance_type.endswith("xlarge")):
        return 2
    return 4 * int(size[1] or 1)
