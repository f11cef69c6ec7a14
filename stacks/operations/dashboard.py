"""CloudWatch dashboard of API, invoker and model host."""

from collections.abc import Sequence
from itertools import zip_longest

from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

_MINUTE = Duration.minutes(1)
_WIDTH, _HEIGHT = 8, 6


class Dashboard(Construct):
    """Dashboard with the alarms above columns of API, invoker and model host, with alarm thresholds drawn in.

    Attributes:
        dashboard: The dashboard.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: apigateway.Stage,
        invoker: lambda_.Function,
        alarms: Sequence[cloudwatch.Alarm],
        hosting: Sequence[cloudwatch.IWidget],
    ) -> None:
        super().__init__(scope, id)
        thresholds = {alarm.node.id: alarm.to_annotation() for alarm in alarms}
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            # Dashboard names are unique in an account across all regions.
            dashboard_name=f"{Stack.of(self).stack_name}-{Aws.REGION}",
            default_interval=Duration.hours(3),
        )
        self.dashboard.add_widgets(cloudwatch.AlarmStatusWidget(alarms=alarms, title="Alarms", width=24))
        columns = (
            _api(stage, thresholds["ApiErrors"], thresholds["ApiLatency"]),
            _invoker(invoker, thresholds["InvokerErrors"]),
            hosting,
        )
        for row in zip_longest(*columns):
            self.dashboard.add_widgets(*(widget for widget in row if widget))


def _api(
    stage: apigateway.Stage,
    errors: cloudwatch.HorizontalAnnotation,
    latency: cloudwatch.HorizontalAnnotation,
) -> list[cloudwatch.IWidget]:
    requests = [
        stage.metric_count(period=_MINUTE, label="requests"),
        stage.metric_client_error(period=_MINUTE, label="4xx"),
        stage.metric_server_error(period=_MINUTE, label="5xx"),
    ]
    times = [
        stage.metric_latency(period=_MINUTE, statistic=statistic, label=statistic)
        for statistic in ("p50", "p99")
    ]
    waits = stage.metric_integration_latency(period=_MINUTE, statistic="p99", label="p99 behind the API")
    return [
        _graph("1 API: requests a minute", requests, errors),
        _graph("1 API: milliseconds", [*times, waits], latency),
    ]


def _invoker(function: lambda_.Function, errors: cloudwatch.HorizontalAnnotation) -> list[cloudwatch.IWidget]:
    calls = [
        function.metric_invocations(period=_MINUTE, label="calls"),
        function.metric_errors(period=_MINUTE, label="errors"),
        function.metric_throttles(period=_MINUTE, label="throttles"),
    ]
    times = [
        function.metric_duration(period=_MINUTE, statistic=statistic, label=statistic)
        for statistic in ("p50", "p99")
    ]
    return [
        _graph("2 Invoker: calls a minute", calls, errors),
        _graph("2 Invoker: milliseconds", times),
    ]


def _graph(
    title: str, metrics: Sequence[cloudwatch.IMetric], *thresholds: cloudwatch.HorizontalAnnotation
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title, left=metrics, left_annotations=list(thresholds), width=_WIDTH, height=_HEIGHT
    )
