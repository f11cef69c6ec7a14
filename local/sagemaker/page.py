"""Lists of the SageMaker API, page by page."""

from collections.abc import Mapping, Sequence
from typing import Any

from local.sagemaker.catalog import Catalog, Resource
from local.sagemaker.endpoint import Endpoint
from local.sagemaker.errors import invalid

_UNDERSTOOD = {"MaxResults", "NameContains", "NextToken", "StatusEquals"}


def page(
    kind: str, catalog: Catalog[Resource] | Catalog[Endpoint], parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """One page of a list, newest first, as every List operation answers it.

    Args:
        kind: The resource's name in the API, as Model.
        catalog: Where the resources are.
        parameters: NameContains, StatusEquals, MaxResults and NextToken.

    Raises:
        SageMakerError: Another filter or order is asked for.
    """
    if unknown := sorted(parameters.keys() - _UNDERSTOOD):
        raise invalid(f"Lists here know no {', '.join(unknown)}.")
    items: Sequence[Resource | Endpoint] = catalog.all()
    found = [_summary(kind, catalog, item) for item in reversed(items) if _wanted(item, parameters)]
    start = int(parameters.get("NextToken", 0))
    end = start + parameters.get("MaxResults", 100)
    return {f"{kind}s": found[start:end]} | ({"NextToken": str(end)} if end < len(found) else {})


def _wanted(item: Resource | Endpoint, parameters: Mapping[str, Any]) -> bool:
    status = item.status if isinstance(item, Endpoint) else None
    return (
        parameters.get("NameContains", "") in item.name and parameters.get("StatusEquals", status) == status
    )


def _summary(
    kind: str, catalog: Catalog[Resource] | Catalog[Endpoint], item: Resource | Endpoint
) -> dict[str, Any]:
    summary = {
        f"{kind}Name": item.name,
        f"{kind}Arn": catalog.arn(item.name),
        "CreationTime": item.created.timestamp(),
    }
    if not isinstance(item, Endpoint):
        return summary
    return summary | {"LastModifiedTime": item.modified.timestamp(), "EndpointStatus": item.status}
