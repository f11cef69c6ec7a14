"""Quotas of usage plans: requests of one API key in a day, week or month.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
"""

import datetime
import threading
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import apigateway_v1

from local.emulator.api_gateway.errors import gateway_error

_MESSAGE = "Limit Exceeded"


def _utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class UsageQuotas:
    """Counts requests by usage plan and API key, in calendar periods of UTC.

    Args:
        clock: Returns the time in UTC.
    """

    def __init__(self, clock: Callable[[], datetime.datetime] = _utc_now) -> None:
        self._clock = clock
        self._used: dict[tuple[str, str], tuple[datetime.date, int]] = {}
        self._lock = threading.Lock()

    def take(self, plan_id: str, key_id: str, quota: Mapping[str, Any]) -> bool:
        """Counts one request; False, without counting it, when the quota is used up.

        Args:
            plan_id: Id of the usage plan.
            key_id: Id of the API key.
            quota: Its limit, its period (DAY, WEEK or MONTH), and offset, the day the period starts on.
        """
        start = period_start(self._clock().date(), quota.get("period", "DAY"), int(quota.get("offset") or 0))
        with self._lock:
            counted, used = self._used.get((plan_id, key_id), (start, 0))
            used = used if counted == start else 0
            if used >= int(quota["limit"]):
                return False
            self._used[plan_id, key_id] = (start, used + 1)
        return True


def period_start(today: datetime.date, period: str, offset: int) -> datetime.date:
    """Returns the first day of the period that contains today.

    Offset 0 is Sunday for a week and the first day of a month:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigateway-usageplan-quotasettings.html

    Args:
        today: A day in UTC.
        period: DAY, WEEK or MONTH.
        offset: Days after the first day of the week or month.
    """
    if period == "WEEK":
        return today - datetime.timedelta(days=(today.isoweekday() - offset) % 7)
    if period == "MONTH":
        first = today.replace(day=1)
        if today.day <= offset:
            first = (first - datetime.timedelta(days=1)).replace(day=1)
        return first + datetime.timedelta(days=offset)
    return today


def install(quotas: UsageQuotas) -> None:
    """Replaces MiniStack's quotas, whose periods start with the first request of a key."""

    def check(key: Mapping[str, Any] | None, api_id: str, stage_name: str) -> Any:
        if key is None:
            return None
        for plan_id, plan, _ in apigateway_v1._usage_plans_for_key(key["id"], api_id, stage_name):
            quota = plan.get("quota") or {}
            if quota.get("limit") is not None and not quotas.take(plan_id, key["id"], quota):
                return gateway_error("QUOTA_EXCEEDED", _MESSAGE)
        return None

    apigateway_v1._check_quota = check
