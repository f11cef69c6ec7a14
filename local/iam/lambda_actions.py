"""Actions of Lambda requests on aliases and provisioned concurrency, which MiniStack takes for others.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
"""

from collections.abc import Mapping

# Path element after the function's name, method, and whether another element follows -> action.
_ACTIONS: Mapping[tuple[str, str, bool], str] = {
    ("aliases", "GET", False): "ListAliases",
    ("aliases", "POST", False): "CreateAlias",
    ("aliases", "GET", True): "GetAlias",
    ("aliases", "PUT", True): "UpdateAlias",
    ("aliases", "DELETE", True): "DeleteAlias",
    ("provisioned-concurrency", "GET", False): "GetProvisionedConcurrencyConfig",
    ("provisioned-concurrency", "PUT", False): "PutProvisionedConcurrencyConfig",
    ("provisioned-concurrency", "DELETE", False): "DeleteProvisionedConcurrencyConfig",
}


def lambda_action(method: str, path: str) -> str | None:
    """Returns the action of a request, or None where MiniStack's own is right."""
    _, found, rest = path.strip("/").partition("/functions/")
    parts = rest.split("/")
    if not found or len(parts) < 2:
        return None
    return _ACTIONS.get((parts[1], method, len(parts) > 2))
