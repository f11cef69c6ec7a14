"""Deployment in progress: the new fleet of an endpoint, its stage, and its share of the invocations.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_PendingDeploymentSummary.html
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from local.sagemaker.fleets.fleet import Fleet

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantStatus.html
VariantStatus = Literal["Creating", "Updating", "Deleting", "ActivatingTraffic", "Baking"]


@dataclass(kw_only=True)
class PendingDeployment:
    """A deployment in progress.

    Attributes:
        fleet: The new fleet.
        active: How many of its instances receive traffic.
        started: The start of the deployment.
        status: The stage.
        message: What happens in this stage, in SageMaker's words.
        stage_started: The start of this stage.
    """

    fleet: Fleet
    active: int = 0
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    status: VariantStatus = "Creating"
    message: str = ""
    stage_started: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def share(self) -> float:
        """The new fleet's share of the invocations: the capacity that receives traffic."""
        return self.active / self.fleet.properties.instance_count

    def enter(self, status: VariantStatus, message: str) -> None:
        """Starts a stage."""
        self.status, self.message, self.stage_started = status, message, datetime.now(UTC)
