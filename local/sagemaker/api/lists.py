"""Pages of the List operations."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from local.sagemaker.api.operation import OperationParameters, OperationResult
from local.sagemaker.errors import invalid
from local.sagemaker.resource_collection import Catalog, T

_PAGING = {"MaxResults", "NextToken"}
_SUPPORTED = _PAGING | {"NameContains", "StatusEquals"}
_SORTED = _PAGING | {"CreationTimeAfter", "CreationTimeBefore", "NameContains", "SortBy", "SortOrder"}
_DEFAULT_MAX_RESULTS = 100


class ListedResource(Protocol):
    """A resource that a list sorts and filters."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def created(self) -> datetime:
        """The time of its creation."""


R = TypeVar("R", bound=ListedResource)


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
    _check_supported(parameters, _SUPPORTED)
    items: Sequence[T] = catalog.all()
    found = [
        summary(item)
        for item in reversed(items)
        if parameters.get("NameContains", "") in item.name
        and (status is None or parameters.get("StatusEquals", status(item)) == status(item))
    ]
    return _page(member, found, parameters)


def sorted_page(
    member: str,
    items: Sequence[R],
    parameters: OperationParameters,
    *,
    own: Collection[str],
    summary: Callable[[R], OperationResult],
) -> OperationResult:
    """Returns one page of a List operation that sorts, oldest resource first unless told.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListModelPackages.html

    Args:
        member: The list's name in the result, such as ModelPackageSummaryList.
        items: The resources, oldest first.
        parameters: NameContains, CreationTimeAfter, CreationTimeBefore, SortBy, SortOrder, MaxResults and
            NextToken.
        own: Parameters that the operation itself has followed.
        summary: Describes one resource.

    Raises:
        SageMakerError: Another parameter is given, or one of another value.
    """
    _check_supported(parameters, _SORTED.union(own))
    by, order = parameters.get("SortBy", "CreationTime"), parameters.get("SortOrder", "Ascending")
    _check_choice("sortBy", by, ("Name", "CreationTime"))
    _check_choice("sortOrder", order, ("Ascending", "Descending"))
    after, before = (parameters.get(f"CreationTime{side}") for side in ("After", "Before"))
    found = [
        item
        for item in items
        if parameters.get("NameContains", "") in item.name
        and (after is None or item.created.timestamp() > float(after))
        and (before is None or item.created.timestamp() < float(before))
    ]
    if by == "Name":
        found.sort(key=lambda item: item.name)
    if order == "Descending":
        found.reverse()
    return _page(member, [summary(item) for item in found], parameters)


def _check_supported(parameters: OperationParameters, supported: Collection[str]) -> None:
    if unsupported := sorted(set(parameters).difference(supported)):
        raise invalid(f"AWS on this machine does not support the list parameters {', '.join(unsupported)}.")


def _check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise invalid(
            f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: Member "
            f"must satisfy enum value set: [{', '.join(choices)}]"
        )


def _page(member: str, found: Sequence[OperationResult], parameters: OperationParameters) -> OperationResult:
    start = int(parameters.get("NextToken", 0))
    end = start + parameters.get("MaxResults", _DEFAULT_MAX_RESULTS)
    next_token: dict[str, Any] = {"NextToken": str(end)} if end < len(found) else {}
    return {member: found[start:end]} | next_token
