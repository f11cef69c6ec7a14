"""Metrics of REST APIs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
"""

import contextvars
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from ministack.services import apigateway_v1

from local.cloudwatch.metrics.metric_feed import MetricFeed

_NAMESPACE = "AWS/ApiGateway"
_INTEGRATIONS = (
    "_invoke_lambda_proxy_v1",
    "_invoke_lambda_custom_v1",
    "_invoke_sqs_v1",
    "_invoke_http_proxy_v1",
)

# Milliseconds of the integration of the request in progress.
_integration_times: contextvars.ContextVar[list[float]] = contextvars.ContextVar("integration_times")


class GatewayMetrics:
    """Records the metrics of REST APIs, by ApiName and by ApiName and Stage.

    Args:
        feed: Records a value.
        clock: Returns seconds that never decrease.
    """

    def __init__(self, feed: MetricFeed, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._feed = feed
        self._clock = clock

    def install(self) -> None:
        """Measures MiniStack's requests and integrations; those that wrap them already are measured too."""
        apigateway_v1.handle_execute = self._with_metrics(apigateway_v1.handle_execute)
        apigateway_v1.authentication_error_response = self._with_count(
            apigateway_v1.authentication_error_response
        )
        for name in _INTEGRATIONS:
            setattr(apigateway_v1, name, self._with_time(getattr(apigateway_v1, name)))

    def _with_metrics(self, execute: Callable[..., Any]) -> Callable[..., Any]:
        async def execute_measured(api_id: str, stage: str, *arguments: Any) -> Any:
            times: list[float] = []
            token = _integration_times.set(times)
            started = self._clock()
            try:
                response = await execute(api_id, stage, *arguments)
            finally:
                _integration_times.reset(token)
            self._record_request(api_id, stage, response[0], self._milliseconds(started), times)
            return response

        return execute_measured

    def _with_count(self, respond: Callable[..., Any]) -> Callable[..., Any]:
        def respond_counted(api_id: str, stage: str, *arguments: Any) -> Any:
            started = self._clock()
            response = respond(api_id, stage, *arguments)
            if response is not None:
                self._record_request(api_id, stage, response[0], self._milliseconds(started), ())
            return response

        return respond_counted

    def _with_time(self, invoke: Callable[..., Any]) -> Callable[..., Any]:
        async def invoke_measured(*arguments: Any, **options: Any) -> Any:
            started = self._clock()
            try:
                return await invoke(*arguments, **options)
            finally:
                _integration_times.get([]).append(self._milliseconds(started))

        return invoke_measured

    def _milliseconds(self, started: float) -> float:
        return (self._clock() - started) * 1000

    def _record_request(
        self, api_id: str, stage: str, status: int, milliseconds: float, times: "list[float] | tuple[()]"
    ) -> None:
        scope = apigateway_v1.find_api_scope(api_id)
        api = apigateway_v1._rest_apis.get_scoped(*scope, api_id) if scope else None
        if api is None:
            return
        is_server_error = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        values = [
            ("Count", 1.0, "Count"),
            ("4XXError", float(status >= HTTPStatus.BAD_REQUEST and not is_server_error), "Count"),
            ("5XXError", float(is_server_error), "Count"),
            ("Latency", milliseconds, "Milliseconds"),
            *(("IntegrationLatency", spent, "Milliseconds") for spent in times),
        ]
        by_api = {"ApiName": api["name"]}
        self._feed.record_all(_NAMESPACE, values, combinations=(by_api, by_api | {"Stage": stage}))
