"""Updates of endpoints: runs a planned update to its end, and says how the endpoint ends.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html
"""

import logging
import threading
from collections.abc import Callable

from local.sagemaker.execution_role import ExecutionRole
from local.sagemaker.fleets.fleet import Fleet
from local.sagemaker.hosting.endpoint import HostedEndpoint
from local.sagemaker.updates.bake_monitor import DeploymentInterruptedError, DeploymentMonitor
from local.sagemaker.updates.deployment import EndpointDeployment, RollbackFailedError
from local.sagemaker.updates.endpoint_events import EndpointEvents
from local.sagemaker.updates.pending_deployment import PendingDeployment
from local.sagemaker.updates.rollback_alarms import RollbackAlarms
from local.sagemaker.updates.update_clock import Clock
from local.sagemaker.updates.update_policy import UpdatePolicy

logger = logging.getLogger(__name__)


class EndpointUpdates:
    """Runs updates.

    Args:
        clock: The clock of waits.
        events: Reports the stages.
    """

    def __init__(self, *, clock: Clock, events: EndpointEvents) -> None:
        self._clock = clock
        self._events = events
        self._stopping = threading.Event()

    def run(
        self,
        endpoint: HostedEndpoint,
        pending: PendingDeployment,
        *,
        old: Fleet,
        policy: UpdatePolicy,
        assume: Callable[[], ExecutionRole],
    ) -> None:
        """Runs the deployment of a new fleet to an endpoint; the endpoint has settled at the return.

        It is InService, on the old configuration with a FailureReason after a rollback. A blue/green update
        stays Updating while it is rolled back: RollingBack is a status of UpdateEndpointWeightsAndCapacities.

        Args:
            endpoint: The endpoint.
            pending: The deployment.
            old: The fleet that serves.
            policy: The update policy.
            assume: Assumes the execution role of the new model, which reads the alarms.
        """
        monitor = DeploymentMonitor(
            clock=self._clock,
            alarms=RollbackAlarms(policy.alarms, assume=assume),
            timeout=policy.timeout,
            stopping=self._stopping,
        )
        announce = self._events.deployment_changed
        deployment = EndpointDeployment(
            endpoint, pending, old=old, policy=policy, monitor=monitor, announce=announce
        )
        try:
            failure = deployment.run()
        except RollbackFailedError as error:
            endpoint.settle("UpdateRollbackFailed", failure=str(error))
        except DeploymentInterruptedError:
            logger.info("The update of endpoint %s is interrupted.", endpoint.name)
        else:
            endpoint.settle("InService", failure=failure)

    def stop(self) -> None:
        """Interrupts the waits of all updates."""
        self._stopping.set()
