"""Interface of the settings that costs depend on."""

from typing import Protocol


class CostSettings(Protocol):
    """Settings that costs are computed from; None where the configured hosting does not have the setting."""

    @property
    def stage(self) -> str:
        """Stage: dev or prod."""

    @property
    def hosting(self) -> str:
        """Hosting: realtime, serverless or lambda."""

    @property
    def packaging(self) -> str | None:
        """Setting of lambda: zip or image."""

    @property
    def snapstart(self) -> bool:
        """Setting of lambda: whether its functions start from snapshots."""

    @property
    def instance_type(self) -> str:
        """Setting of realtime."""

    @property
    def instance_count(self) -> int:
        """Minimum number of instances of realtime."""

    @property
    def max_instance_count(self) -> int:
        """Maximum number of instances of realtime."""

    @property
    def memory_mb(self) -> int | None:
        """Setting of serverless and lambda."""

    @property
    def max_concurrency(self) -> int | None:
        """Setting of serverless and lambda."""

    @property
    def data_capture_percent(self) -> int:
        """Setting of realtime and lambda."""

    @property
    def monitor(self) -> str:
        """How often the monitor runs: off, hourly, daily or weekly."""

    @property
    def retrain(self) -> str:
        """When the model is trained again: off, a word, or a schedule."""

    @property
    def training_instance_type(self) -> str:
        """Instance type of training and judging jobs."""

    @property
    def detailed_observability(self) -> bool:
        """Setting of realtime."""

    @property
    def rate_limit(self) -> int:
        """Requests a second of the API."""

    @property
    def monthly_quota(self) -> int | None:
        """Requests a month of the API key."""

    @property
    def waf(self) -> bool:
        """Whether there is a web application firewall."""

    @property
    def alarm_email(self) -> str | None:
        """Address that alarms are mailed to, by a topic with a KMS key."""
