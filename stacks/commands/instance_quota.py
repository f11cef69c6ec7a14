"""Quotas of instances, compared with the needs of deployments and retrainings."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any

from stacks.commands.aws_account import AwsAccount
from stacks.settings.settings import Settings

# During an update, the new fleet runs beside the old one:
# https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
FLEETS_DURING_UPDATE = 2
_SERVICE = "sagemaker"
_UPDATE = "an update at max_instance_count needs {}, because the new fleet starts beside the old one"


@dataclass(frozen=True, kw_only=True)
class QuotaFinding:
    """A quota that is too small.

    Attributes:
        sentence: The quota, the need and the request to make.
        refuses: Whether this deployment fails; otherwise a later one may.
    """

    sentence: str
    refuses: bool


@dataclass(frozen=True, kw_only=True)
class _Need:
    """Instances that must fit into a quota: `now` for this deployment, `later` for updates after it."""

    name: str
    now: int
    later: int
    reason: str


def check_quotas(account: AwsAccount, settings: Settings, *, instances: int) -> Iterator[QuotaFinding]:
    """Compares the quotas of instances with this deployment, with later ones and with retrainings.

    Args:
        account: The account of the deployment.
        settings: The settings to deploy.
        instances: Number of instances that the endpoint runs now.

    Yields:
        Each quota that does not suffice.

    Raises:
        UnreadableAccountError: When Service Quotas refuses.
    """
    needs = [*_needs(settings, instances)]
    quotas = _find(account, {need.name for need in needs})
    for need in needs:
        if (quota := quotas.get(need.name)) is None:
            yield QuotaFinding(
                sentence=(
                    f"Service Quotas has no quota {need.name!r} in {account.region}, so it is not checked."
                ),
                refuses=False,
            )
        elif (value := int(quota["Value"])) < max(need.now, need.later):
            sentence = _sentence(account, quota, value, need)
            yield QuotaFinding(sentence=sentence, refuses=value < need.now)


def _needs(settings: Settings, instances: int) -> Iterator[_Need]:
    if settings.hosting == "realtime":
        fleet = max(instances, settings.instance_count) if settings.is_scaled else settings.instance_count
        yield _Need(
            name=f"{settings.instance_type} for endpoint usage",
            now=instances + fleet,
            later=FLEETS_DURING_UPDATE * settings.max_instance_count,
            reason=_UPDATE,
        )
    if settings.is_retrained:
        spot = "spot " if settings.training_spot else ""
        yield _Need(
            name=f"{settings.training_instance_type} for {spot}training job usage",
            now=0,
            later=1,
            reason="a retraining needs {}",
        )


def _find(account: AwsAccount, names: Set[str]) -> dict[str, dict[str, Any]]:
    """Returns the account's own quotas by name, or AWS's defaults where it has none."""
    found: dict[str, dict[str, Any]] = {}
    for operation, action in (
        ("list_service_quotas", "servicequotas:ListServiceQuotas"),
        ("list_aws_default_service_quotas", "servicequotas:ListAWSDefaultServiceQuotas"),
    ):
        if found.keys() >= names:
            break
        for quota in _quotas(account, operation, action):
            if quota["QuotaName"] in names:
                found.setdefault(quota["QuotaName"], quota)
    return found


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


def _sentence(account: AwsAccount, quota: dict[str, Any], value: int, need: _Need) -> str:
    wanted = max(need.now, need.later)
    command = (
        f"aws service-quotas request-service-quota-increase --region {account.region} --service-code "
        f"{_SERVICE} --quota-code {quota['QuotaCode']} --desired-value {wanted}"
    )
    reason = f"this deployment needs {need.now}" if value < need.now else need.reason.format(need.later)
    return (
        f"The quota {quota['QuotaName']!r} in {account.region} is {value}, and {reason}: request {wanted} "
        f"with `{command}`."
    )
