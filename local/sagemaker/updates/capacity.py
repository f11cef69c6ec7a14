"""Sizes of the steps in which traffic moves from one fleet to another.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CapacitySize.html
"""

from collections.abc import Mapping
from typing import Any

from local.sagemaker.errors import invalid

_PERCENT = 100


def step_size(
    name: str, size: Mapping[str, Any], *, total: int, least_percent: int = 0, most_percent: int = 50
) -> int:
    """Returns how many instances a step has.

    Args:
        name: The size's name in the request, such as CanarySize.
        size: Type and Value.
        total: The number of instances of the new fleet.
        least_percent: The least part of them that is allowed.
        most_percent: The largest part of them that is allowed.

    Raises:
        SageMakerError: The step is too small or too large. SageMaker documents the rule and not its sentence.
    """
    value: int = size["Value"]
    if size["Type"] == "CAPACITY_PERCENT":
        # SageMaker does not document how it rounds: down, so that a step never exceeds its largest part.
        count, percent = max(1, total * value // _PERCENT), float(value)
    else:
        count, percent = value, _PERCENT * value / total
    if not least_percent <= percent <= most_percent or count * _PERCENT > total * most_percent:
        allowed = f"{least_percent}-{most_percent}%" if least_percent else f"at most {most_percent}%"
        raise invalid(
            f"{name} must be {allowed} of the variant's total instance count, which is {total}: "
            f"{value} {size['Type']} is not."
        )
    return count


def steps(size: int, *, total: int) -> list[int]:
    """Returns how many instances have traffic after each step, up to all of them."""
    return [*range(size, total, size), total]
