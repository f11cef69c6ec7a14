"""Deployment of another endpoint configuration to an endpoint, as blue/green or rolling update.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
"""

import logging
import math
from collections.abc import Callable, Sequence

from local.sagemaker.fleets.fleet import Fleet
from local.sagemaker.fleets.launcher import START_ERRORS
from local.sagemaker.hosting.endpoint import HostedEndpoint
from local.sagemaker.updates.bake_monitor import DeploymentMonitor, RollbackError
from local.sagemaker.updates.capacity import steps
from local.sagemaker.updates.pending_deployment import PendingDeployment, VariantStatus
from local.sagemaker.updates.update_policy import UpdatePolicy

logger = logging.getLogger(__name__)


class RollbackFailedError(Exception):
    """The old fleet could not be restored; the message has the reasons of the rollback and of its failure."""


class EndpointDeployment:
    """One deployment: old fleet, new fleet, and the way from one to the other.

    Args:
        endpoint: The endpoint.
        pending: Its new fleet, and the stage.
        old: The fleet that serves.
        policy: The update policy.
        monitor: Watches alarms and time.
        announce: Reports each stage.
    """

    def __init__(
        self,
        endpoint: HostedEndpoint,
        pending: PendingDeployment,
        *,
        old: Fleet,
        policy: UpdatePolicy,
        monitor: DeploymentMonitor,
        announce: Callable[[HostedEndpoint], None],
    ) -> None:
        self._endpoint = endpoint
        self._pending = pending
        self._old = old
        self._policy = policy
        self._monitor = monitor
        self._announce = announce

    @property
    def _new(self) -> Fleet:
        return self._pending.fleet

    @property
    def _total(self) -> int:
        return self._new.properties.instance_count

    def run(self) -> str:
        """Deploys; returns when the fleet that does not serve has ended.

        Returns:
            "" when the new fleet serves, or the reason why the old one serves again.

        Raises:
            RollbackFailedError: Both fleets serve.
            DeploymentInterruptedError: AWS on this machine is being stopped.
        """
        try:
            if self._policy.kind == "ROLLING":
                self._roll()
            else:
                self._start(self._total)
                self._shift()
        except RollbackError as error:
            logger.warning("Endpoint %s: %s", self._endpoint.name, error)
            self._roll_back(str(error))
            return str(error)
        self._endpoint.replace_fleet()
        self._old.stop()
        return ""

    def _shift(self) -> None:
        """Moves the traffic in the steps of the policy, and bakes after each."""
        for active in self._policy.steps:
            self._activate(active)
            if active < self._total:
                self._bake(self._policy.wait, "WaitIntervalInSeconds")
        self._bake(self._policy.termination_wait, "TerminationWaitInSeconds")

    def _roll(self) -> None:
        """Starts, activates and bakes one batch after the other, and ends as many old instances after each.

        https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-rolling.html
        """
        for active, batch in _batches(self._policy.steps):
            self._start(batch)
            self._activate(active)
            self._bake(self._policy.wait, "WaitIntervalInSeconds")
            if active < self._total:
                self._old.stop(min(batch, self._old.instance_count - 1))

    def _roll_back(self, reason: str) -> None:
        """Returns all traffic to the old fleet and ends the new one.

        A blue/green update has kept the old fleet. A rolling update starts again the instances that it has
        ended, in batches.
        """
        wanted = self._old.properties.instance_count
        size = self._policy.rollback_size or wanted
        missing = wanted - self._old.instance_count
        for active, batch in _batches(steps(size, total=missing) if missing else []):
            try:
                self._old.start(batch, limit=math.inf)
            except START_ERRORS as error:
                # Instances of both configurations serve, until another update replaces all of them.
                self._endpoint.activate(0)
                self._old.adopt(self._new)
                raise RollbackFailedError(f"{reason} The rollback failed: {error}") from None
            self._endpoint.activate(min(self._pending.active, self._total * (missing - active) // wanted))
        self._endpoint.activate(0)
        # The fleet is counted before it ends; instances that have not started do not count.
        self._enter("Deleting", f"Terminating {self._new.instance_count} instance(s).")
        self._new.stop()

    def _start(self, count: int) -> None:
        self._enter("Creating", f"Launching {count} instance(s).")
        try:
            self._new.start(count, limit=self._monitor.real_seconds_left)
        except START_ERRORS as error:
            self._monitor.check_time()
            raise RollbackError(str(error)) from None

    def _activate(self, active: int) -> None:
        self._enter("ActivatingTraffic", f"Activating traffic on {self._capacity(active)}.")
        self._endpoint.activate(active)

    def _bake(self, seconds: int, name: str) -> None:
        capacity = self._capacity(self._pending.active)
        self._enter("Baking", f"Baking for {seconds} seconds ({name}) with traffic enabled on {capacity}.")
        self._monitor.bake(seconds)

    def _capacity(self, active: int) -> str:
        if active == self._total:
            return f"full capacity of {active} instance(s)"
        part = "canary" if self._policy.kind == "CANARY" else self._policy.kind.lower()
        return f"{part} capacity of {active} instance(s)"

    def _enter(self, status: VariantStatus, message: str) -> None:
        self._pending.enter(status, message)
        self._announce(self._endpoint)


def _batches(counts: Sequence[int]) -> list[tuple[int, int]]:
    """Returns each count with its distance from the one before."""
    return [(count, count - before) for count, before in zip(counts, [0, *counts], strict=False)]
