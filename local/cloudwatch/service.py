"""CloudWatch of the emulator: installs the metrics of AWS services in MiniStack, and checks of alarms."""

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import cloudwatch

from local.cloudwatch.alarms.metric_alarm import AlarmRecord, check_alarm
from local.cloudwatch.alarms.state_change import with_event
from local.cloudwatch.metrics import embedded_metrics
from local.cloudwatch.metrics.function_metrics import FunctionMetrics
from local.cloudwatch.metrics.gateway_metrics import GatewayMetrics
from local.cloudwatch.metrics.metric_feed import MetricFeed, evict_old_values

_FAILED = 400
_CHECKED = ("MetricName", "Namespace", "ComparisonOperator", "ExtendedStatistic", "Period")
# MiniStack's default.
_PERIOD_SECONDS = 60


def install(feed: MetricFeed) -> None:
    """Installs everything but the clock, which runs on the server's event loop.

    API Gateway and functions must be installed before, because their own limits are measured too.

    Args:
        feed: Records the metrics.
    """
    FunctionMetrics(feed).install()
    GatewayMetrics(feed).install()
    embedded_metrics.install(feed)
    cloudwatch._evict_old_metrics = evict_old_values
    # Only the clock evaluates: MiniStack does at PutMetricData and at the alarm's creation.
    cloudwatch._evaluate_alarm = _evaluate_nothing
    cloudwatch._dispatch_alarm_actions = with_event(cloudwatch._dispatch_alarm_actions)
    cloudwatch._put_metric_alarm = _with_check(cloudwatch._put_metric_alarm)
    cloudwatch.cloudformation_put_metric_alarm = _with_refusal(cloudwatch.cloudformation_put_metric_alarm)


def _with_check(put: Callable[..., Any]) -> Callable[..., Any]:
    """Refuses alarms of PutMetricAlarm that cannot be evaluated."""

    def put_checked(parameters: Any, body: Any, is_cbor: bool, is_json: bool = False) -> Any:
        record = _requested(parameters, body if is_cbor or is_json else None)
        if refused := check_alarm(record):
            return cloudwatch._error("ValidationError", refused, _FAILED, use_json=is_json, use_cbor=is_cbor)
        return put(parameters, body, is_cbor, is_json)

    return put_checked


def _requested(parameters: Any, body: Mapping[str, Any] | None) -> dict[str, Any]:
    found = {name: cloudwatch._p(parameters, name) if body is None else body.get(name) for name in _CHECKED}
    return found | {"Period": int(found["Period"] or _PERIOD_SECONDS)}


def _with_refusal(put: Callable[..., None]) -> Callable[..., None]:
    """Refuses alarms of a template that cannot be evaluated; the sentence is the stack event's reason."""

    def put_checked(record: AlarmRecord) -> None:
        if refused := check_alarm(record):
            raise ValueError(refused)
        put(record)

    return put_checked


def _evaluate_nothing(_record: AlarmRecord) -> None:
    """Takes the place of MiniStack's evaluation."""
