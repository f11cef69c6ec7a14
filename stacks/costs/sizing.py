"""The settings that money depends on."""

from dataclasses import dataclass
from typing import Protocol

from stacks.settings import Settings


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


@dataclass(frozen=True, kw_only=True)
class _Sizing:
    stage: str
    hosting: str
    instance_type: str
    instance_count: int
    max_instance_count: int
    memory_mb: int | None
    max_concurrency: int | None
    data_capture_percent: int
    waf: bool


def sizing(settings: Settings) -> CostSettings:
    """What of the settings money depends on."""
    return _Sizing(
        stage="dev",
        hosting="realtime",
        instance_type=settings.instance_type,
        instance_count=settings.instance_count,
        max_instance_count=settings.instance_count,
        memory_mb=None,
        max_concurrency=None,
        data_capture_percent=0,
        waf=False,
    )
