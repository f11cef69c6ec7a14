"""CloudWatch alarm of an endpoint that nobody asks, which costs as much as one in use."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.costs.monthly_costs import MonthlyCosts
from stacks.costs.price_table import DEFAULT_TABLE, PriceError, load_prices
from stacks.operations.endpoint_pause import Pause
from stacks.settings.settings import Settings


class IdleAlarm(Construct):
    """Alarm of an endpoint without requests for `idle_hours`; the mail shows its costs and `make pause`.

    CloudWatch sees no requests either in the hours before the endpoint existed, so the alarm is raised after
    a deployment until the first request. A paused endpoint raises none.

    Attributes:
        alarm: The alarm.
    """

    def __init__(
        self, scope: Construct, id: str, *, requests: cloudwatch.Metric, pause: Pause, settings: Settings
    ) -> None:
        super().__init__(scope, id)
        # Periods of an hour, because the evaluation may then be seven days long:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
        self.alarm = requests.with_(period=Duration.hours(1)).create_alarm(
            self,
            "Alarm",
            threshold=1,
            alarm_description=_description(settings),
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=settings.idle_hours,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        pause.set_while_paused(self.alarm, "TreatMissingData", serving="breaching", paused="notBreaching")


def _description(settings: Settings) -> str:
    hours = f"{settings.idle_hours} hour{'s' * (settings.idle_hours > 1)}"
    return (
        f"Nobody has asked the endpoint {settings.stack_name} for {hours}, or since it was started, if that "
        f"is later. {_costs(settings)} `make pause` deletes the endpoint until `make wake`, and everything "
        "else stays."
    )


def _costs(settings: Settings) -> str:
    try:
        dollars = MonthlyCosts(settings, load_prices(DEFAULT_TABLE)).idle_endpoint
    except PriceError:
        # The price table has the usual instance types only.
        return f"It costs {settings.instance_count} x {settings.instance_type} whether it is used or not."
    return f"It costs {dollars:,.2f} dollars a month by the prices of `make cost`, whether it is used or not."
