"""Pages of the List operations."""

from collections.abc import Callable, Sequence
from typing import Any

from local.sagemaker.api.operation import OperationParameters, OperationResult
from local.sagemaker.errors import invalid
from local.sagemaker.named_resources import Catalog, T

_SUPPORTED = {"MaxResults", "NameContains", "NextToken", "StatusEquals"}
_DEFAULT_MAX_RESULTS = 100


def list_page(
    member: str,
    catalog: Catalog[T],
    parameters: OperationParameters,
    *,
    summary: Callable[[T], OperationResult],
    status: Callable[[T], str] | None = None,
) -> OperationResult:
    """Returns one page of a List operation, newest resource first.

    Args:
        member: The list's name in the result, such as Models.
        catalog: The resources.
        parameters: NameContains, StatusEquals, MaxResults and NextToken.
        summary: Describes one resource.
        status: Returns a resource's status, for StatusEquals; None for resources without a status.

    Raises:
        SageMakerError: Another parameter is given, such as SortBy.
    """
    if unsupported := sorted(parameters.keys() - _SUPPORTED):
        raise invalid(f"AWS on this machine does not support the list parameters {', '.join(unsupported)}.")
    items: Sequence[T] = catalog.all()
    found = [
        summary(item)
        for item in reversed(items)
        if parameters.get("NameContains", "") in item.name
        and (status is None or parameters.get("StatusEquals", status(item)) == status(item))
    ]
    start = int(parameters.get("NextToken", 0))
    end = start + parameters.get("MaxResults", _DEFAULT_MAX_RESULTS)
    next_token: dict[str, Any] = {"NextToken": str(end)} if end < len(found) else {}
    return {member: found[start:end]} | next_token
