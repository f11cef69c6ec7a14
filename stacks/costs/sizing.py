"""The settings that money depends on."""

from typing import Protocol


class CostSettings(Protocol):
    """What costs are computed from; None where a setting has no place in the hosting in force."""

    @property
    def stage(self) -> str:
        """A stage: dev or prod."""

    @property
    def hosting(self) -> str:
        """What the model runs on: realtime, serverless or lambda."""

    @property
    def instance_type(self) -> str:
        """Of realtime."""

    @property
    def instance_count(self) -> int:
        """Of realtime, the fewest."""

    @property
    def max_instance_count(self) -> int:
        """Of realtime, the most."""

    @property
    def memory_mb(self) -> int | None:
        """Of serverless and lambda."""

    @property
    def max_concurrency(self) -> int | None:
        """Of serverless and lambda."""

    @property
    def data_capture_percent(self) -> int:
        """Of realtime."""

    @property
    def waf(self) -> bool:
        """Whether there is a web application firewall."""

    @property
    def alarm_email(self) -> str | None:
        """Who is told of alarms, by a topic whose key is paid for."""
