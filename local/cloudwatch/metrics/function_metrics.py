"""Metrics of Lambda functions, in place of MiniStack's.

MiniStack counts invocations of the Invoke operation only, not those by API Gateway, and counts a throttled
one twice. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ministack.services import lambda_svc

from local.cloudwatch.metrics.metric_feed import MetricFeed

_NAMESPACE = "AWS/Lambda"
# Parts of a function's ARN that end in its name; one more is the version or alias.
_NAME_PARTS = 7


class FunctionMetrics:
    """Records the metrics of functions.

    Args:
        feed: Records a value.
        clock: Returns seconds that never decrease.
    """

    def __init__(self, feed: MetricFeed, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._feed = feed
        self._clock = clock

    def install(self) -> None:
        """Measures MiniStack's invocations."""
        lambda_svc._emit_lambda_metrics = _record_nothing
        lambda_svc._acquire_execution_slot = self._with_throttles(lambda_svc._acquire_execution_slot)
        lambda_svc._execute_function_dispatch = self._with_metrics(lambda_svc._execute_function_dispatch)

    def _with_throttles(self, acquire: Callable[..., Any]) -> Callable[..., Any]:
        def acquire_counted(function: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
            slot, limit = acquire(function, config)
            if slot is None:
                self._record_all(config, ("Throttles", 1, "Count"))
            return slot, limit

        return acquire_counted

    def _with_metrics(self, execute: Callable[..., Any]) -> Callable[..., Any]:
        def execute_measured(function: Any, config: Mapping[str, Any], *arguments: Any) -> Any:
            concurrent = lambda_svc.executions_in_flight()[1].get(lambda_svc._inflight_key(config), 1)
            started = self._clock()
            result = execute(function, config, *arguments)
            if result.get("throttle"):
                self._record_all(config, ("Throttles", 1, "Count"))
                return result
            self._record_all(
                config,
                ("Invocations", 1, "Count"),
                ("Errors", int(bool(result.get("error"))), "Count"),
                ("Throttles", 0, "Count"),
                ("Duration", (self._clock() - started) * 1000, "Milliseconds"),
                ("ConcurrentExecutions", concurrent, "Count"),
            )
            return result

        return execute_measured

    def _record_all(self, config: Mapping[str, Any], *values: tuple[str, float, str]) -> None:
        self._feed.record_all(_NAMESPACE, values, combinations=function_dimensions(config))


def function_dimensions(config: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yields the combinations of dimensions: function, its version or alias, and the executed version."""
    name = config["FunctionName"]
    yield {"FunctionName": name}
    qualifier = "".join(str(config.get("FunctionArn", "")).split(":")[_NAME_PARTS:])
    if not qualifier:
        return
    resource = {"FunctionName": name, "Resource": f"{name}:{qualifier}"}
    yield resource
    version = config.get("Version", qualifier)
    if version != qualifier:
        yield resource | {"ExecutedVersion": version}


def _record_nothing(*_arguments: Any, **_options: Any) -> None:
    """Takes the place of MiniStack's metrics."""
