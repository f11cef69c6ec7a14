"""Quota of instances, compared with what deployments of the endpoint need."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stacks.commands.aws_account import AwsAccount
from stacks.settings.settings import Settings

# During an update, the new fleet runs beside the old one:
# https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
FLEETS_DURING_UPDATE = 2
_SERVICE = "sagemaker"


@dataclass(frozen=True, kw_only=True)
class QuotaFinding:
    """A quota that is too small.

    Attributes:
        sentence: The quota, what is needed and what to request.
        refuses: Whether this deployment fails; otherwise a later one may.
    """

    sentence: str
    refuses: bool


def check_quota(account: AwsAccount, settings: Settings, *, instances: int) -> QuotaFinding | None:
    """Compares the quota of the endpoint's instance type with this deployment and with later ones.

    Args:
        account: The account of the deployment.
        settings: The settings to deploy.
        instances: Number of instances that the endpoint runs now.

    Returns:
        The finding, or None when the quota suffices or the hosting has no instances.

    Raises:
        UnreadableAccountError: When Service Quotas refuses.
    """
    if settings.hosting != "realtime":
        return None
    name = f"{settings.instance_type} for endpoint usage"
    quota = _find(account, name)
    if quota is None:
        return QuotaFinding(
            sentence=f"Service Quotas has no quota {name!r} in {account.region}, so it is not checked.",
            refuses=False,
        )
    fleet = max(instances, settings.instance_count) if settings.is_scaled else settings.instance_count
    now, later = instances + fleet, FLEETS_DURING_UPDATE * settings.max_instance_count
    if (value := int(quota["Value"])) >= max(now, later):
        return None
    return QuotaFinding(sentence=_sentence(account, quota, value, now=now, later=later), refuses=value < now)


def _find(account: AwsAccount, name: str) -> dict[str, Any] | None:
    """Returns the account's own quota of a name, or AWS's default if it has none."""
    for operation, action in (
        ("list_service_quotas", "servicequotas:ListServiceQuotas"),
        ("list_aws_default_service_quotas", "servicequotas:ListAWSDefaultServiceQuotas"),
    ):
        for quota in _quotas(account, operation, action):
            if quota["QuotaName"] == name:
                return quota
    return None


def _quotas(account: AwsAccount, operation: str, action: str) -> Iterator[dict[str, Any]]:
    page: dict[str, Any] = {}
    while True:
        token = {"NextToken": page["NextToken"]} if page else {}
        page = account.read(
            "service-quotas", operation, action=action, ServiceCode=_SERVICE, MaxResults=100, **token
        )
        yield from page["Quotas"]
        if not page.get("NextToken"):
            return


def _sentence(account: AwsAccount, quota: dict[str, Any], value: int, *, now: int, later: int) -> str:
    wanted = max(now, later)
    command = (
        f"aws service-quotas request-service-quota-increase --region {account.region} --service-code "
        f"{_SERVICE} --quota-code {quota['QuotaCode']} --desired-value {wanted}"
    )
    reason = (
        f"this deployment needs {now}"
        if value < now
        else f"an update at max_instance_count needs {later}, because the new fleet starts beside the old one"
    )
    return (
        f"The quota {quota['QuotaName']!r} in {account.region} is {value}, and {reason}: request {wanted} "
        f"with `{command}`."
    )
