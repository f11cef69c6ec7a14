"""Throttling of requests: token buckets of usage plans, methods and the account.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ministack.services import apigateway_v1

from local.emulator.api_gateway.errors import gateway_error

_MESSAGE = "Too Many Requests"

# The account, a method of a stage, or a key in a usage plan.
BucketKey = tuple[str, ...]


class Throttle(NamedTuple):
    """Limits of one token bucket.

    Attributes:
        rate: Requests a second that are added to the bucket.
        burst: Requests that the bucket holds.
    """

    rate: float
    burst: float


# Default quotas of an account in a Region; they stand in for limits that a plan or stage leaves open.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
ACCOUNT_THROTTLE = Throttle(rate=10_000, burst=5_000)


class TokenBuckets:
    """Token buckets, full at first.

    Args:
        clock: Returns seconds that never decrease.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._levels: dict[BucketKey, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, limits: Mapping[BucketKey, Throttle]) -> bool:
        """Takes one token out of each bucket, or out of none when one of them is empty.

        Args:
            limits: The limits of each bucket by its key.
        """
        with self._lock:
            now = self._clock()
            levels = {key: self._level(key, limit, now) for key, limit in limits.items()}
            is_allowed = all(level >= 1 for level in levels.values())
            for key, level in levels.items():
                self._levels[key] = (level - 1 if is_allowed else level, now)
        return is_allowed

    def _level(self, key: BucketKey, limit: Throttle, now: float) -> float:
        level, since = self._levels.get(key, (limit.burst, now))
        return min(limit.burst, level + (now - since) * limit.rate)


def install(buckets: TokenBuckets) -> None:
    """Replaces MiniStack's throttling, which runs on the wall clock and refuses limits that are left open."""

    def check(
        stage: Mapping[str, Any],
        api_id: str,
        stage_name: str,
        resource_path: str,
        http_method: str,
        key: Mapping[str, Any] | None,
    ) -> Any:
        method = (api_id, stage_name, resource_path, http_method)
        limits: dict[BucketKey, Throttle] = {("account",): ACCOUNT_THROTTLE}
        setting = apigateway_v1._method_throttle_settings(stage, resource_path, http_method)
        if setting:
            limits[method] = _throttle(setting, "throttlingRateLimit", "throttlingBurstLimit")
        if key is not None:
            plans = apigateway_v1._usage_plans_for_key(key["id"], api_id, stage_name)
            limits |= dict(_plan_limits(plans, key["id"], method))
        return None if buckets.take(limits) else gateway_error("THROTTLED", _MESSAGE)

    apigateway_v1._check_throttle = check


def _plan_limits(
    plans: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]],
    key_id: str,
    method: tuple[str, str, str, str],
) -> Iterator[tuple[BucketKey, Throttle]]:
    for plan_id, plan, stage in plans:
        if throttle := plan.get("throttle"):
            yield (plan_id, key_id), _throttle(throttle, "rateLimit", "burstLimit")
        if throttle := (stage.get("throttle") or {}).get("/".join(method[2:])):
            yield (plan_id, key_id, *method), _throttle(throttle, "rateLimit", "burstLimit")


def _throttle(limits: Mapping[str, Any], rate: str, burst: str) -> Throttle:
    return Throttle(
        rate=float(limits.get(rate, ACCOUNT_THROTTLE.rate)),
        burst=float(limits.get(burst, ACCOUNT_THROTTLE.burst)),
    )
