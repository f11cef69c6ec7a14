"""CloudWatch alarms of the API and the invoker."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.operations.endpoint_pause import Pause

_MINUTE = Duration.minutes(1)
# Datapoints to alarm, of evaluation periods of a minute: a single failure raises no alarm.
_DATAPOINTS_TO_ALARM, _EVALUATION_PERIODS = 3, 5
# The invoker's read timeout for one attempt at the model.
_SLOW_MILLISECONDS = 3000


class Alarms(Construct):
    """Alarms of API and invoker; with those of the model host, they notify the topic if there is one.

    Attributes:
        all: Every alarm, in the order of a request's path: API, invoker, model host.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: apigateway.Stage,
        invoker: lambda_.Function,
        hosting: Sequence[cloudwatch.Alarm],
        topic: sns.ITopic | None,
        pause: Pause | None,
    ) -> None:
        super().__init__(scope, id)
        self.all = [
            self._make_alarm(
                "ApiErrors", stage.metric_server_error(period=_MINUTE), "The API answers with 5xx"
            ),
            self._make_alarm(
                "ApiLatency",
                stage.metric_latency(period=_MINUTE, statistic="p99"),
                "One answer of a hundred takes longer than the model may",
                threshold=_SLOW_MILLISECONDS,
            ),
            self._make_alarm("InvokerErrors", invoker.metric_errors(period=_MINUTE), "The invoker fails"),
            self._make_alarm(
                "InvokerThrottles",
                invoker.metric_throttles(period=_MINUTE),
                "The account has no concurrency left for the invoker",
            ),
            *hosting,
        ]
        if pause:
            # The API answers 503 while the service is paused, as it should.
            pause.set_while_paused(self.all[0], "ActionsEnabled", serving=True, paused=False)
        if topic:
            action = actions.SnsAction(topic)
            for alarm in self.all:
                alarm.add_alarm_action(action)
                alarm.add_ok_action(action)

    def _make_alarm(
        self, id: str, metric: cloudwatch.Metric, description: str, *, threshold: float = 0
    ) -> cloudwatch.Alarm:
        return metric.create_alarm(
            self,
            id,
            alarm_description=f"{description}, in {_DATAPOINTS_TO_ALARM} of {_EVALUATION_PERIODS} minutes.",
            threshold=threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=_EVALUATION_PERIODS,
            datapoints_to_alarm=_DATAPOINTS_TO_ALARM,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
