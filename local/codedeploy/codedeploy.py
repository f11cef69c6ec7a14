"""CodeDeploy: starts deployments, rolls them back, and stops them."""

import logging
import threading
from collections.abc import Callable

from local.arns import deployment_group_arn
from local.codedeploy.alias import ServiceRole, ShiftedAlias, ShiftError
from local.codedeploy.app_spec import AppSpec
from local.codedeploy.codedeploy_resources import CodeDeployCatalog, DeploymentGroup
from local.codedeploy.deployment import Creator, LambdaDeployment
from local.codedeploy.errors import CodeDeployError
from local.codedeploy.traffic_routing import steps
from local.codedeploy.traffic_shift import ShiftClock, shift

logger = logging.getLogger(__name__)

# Assumes a service role on behalf of a deployment group's ARN; raises ShiftError.
AssumeServiceRole = Callable[[str, str], ServiceRole]


class CodeDeploy:
    """CodeDeploy for Lambda.

    Args:
        assume: Assumes the service role of a group.
        clock: The clock of the waits.

    Attributes:
        catalog: Applications, deployment groups and deployment configurations.
    """

    def __init__(self, *, assume: AssumeServiceRole, clock: ShiftClock) -> None:
        self.catalog = CodeDeployCatalog()
        self._assume = assume
        self._clock = clock
        self._deployments: dict[str, LambdaDeployment] = {}
        self._lock = threading.Lock()

    def deploy(
        self, group: DeploymentGroup, spec: AppSpec, *, config: str = "", creator: Creator = "user"
    ) -> LambdaDeployment:
        """Starts a deployment, and returns at once.

        Args:
            group: The deployment group.
            spec: The alias and its versions.
            config: Name of another deployment configuration than the group's.
            creator: Who creates it.

        Raises:
            CodeDeployError: Another deployment of the group is active, or there is no such configuration.
        """
        deployment = LambdaDeployment(group=group, spec=spec, config=config or group.config, creator=creator)
        self.catalog.routing(deployment.config)
        with self._lock:
            for other in self._deployments.values():
                is_same = (other.group.application, other.group.name) == (group.application, group.name)
                if is_same and not other.ended.is_set():
                    raise CodeDeployError(
                        "DeploymentLimitExceededException",
                        f"The Deployment Group '{group.name}' already has an active Deployment '{other.id}'",
                    )
            self._deployments[deployment.id] = deployment
        threading.Thread(target=self._run, args=[deployment], daemon=True).start()
        return deployment

    def get(self, id: str) -> LambdaDeployment:
        """Returns a deployment.

        Raises:
            CodeDeployError: There is no such deployment.
        """
        if id not in self._deployments:
            raise CodeDeployError(
                "DeploymentDoesNotExistException", f"The deployment {id} could not be found"
            )
        return self._deployments[id]

    def all(self) -> list[LambdaDeployment]:
        """Returns all deployments, the newest first."""
        with self._lock:
            return list(reversed(self._deployments.values()))

    def stop(self, deployment: LambdaDeployment) -> None:
        """Stops a deployment.

        Raises:
            CodeDeployError: It has ended.
        """
        if not deployment.is_active:
            raise CodeDeployError(
                "DeploymentAlreadyCompletedException", f"The deployment {deployment.id} is already complete."
            )
        deployment.stopping.set()

    def _run(self, deployment: LambdaDeployment) -> None:
        group = deployment.group
        arn = deployment_group_arn(group.application, group.name)
        alias = ShiftedAlias(deployment.spec, role=group.role, assume=lambda: self._assume(group.role, arn))
        try:
            event = self._shift(deployment, alias)
            if event and group.rolls_back(event) and deployment.weight:
                self._roll_back(deployment, alias)
        finally:
            deployment.ended.set()

    def _shift(self, deployment: LambdaDeployment, alias: ShiftedAlias) -> str:
        """Shifts the alias; returns the event that may roll it back, also after an error of any kind."""
        try:
            routing = steps(self.catalog.routing(deployment.config))
            return shift(deployment, alias, steps=routing, clock=self._clock)
        except Exception as error:
            logger.exception("Deployment %s has failed.", deployment.id)
            deployment.end("Failed", ("INTERNAL_ERROR", str(error)))
            return "DEPLOYMENT_FAILURE"

    def _roll_back(self, deployment: LambdaDeployment, alias: ShiftedAlias) -> None:
        """Gives all traffic to the version before, as a deployment of its own.

        https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html
        """
        rollback = LambdaDeployment(
            group=deployment.group,
            spec=deployment.spec,
            config=deployment.config,
            creator="codeDeployRollback",
            rollback={"rollbackTriggeringDeploymentId": deployment.id},
        )
        with self._lock:
            self._deployments[rollback.id] = rollback
        message = f"A rollback deployment {rollback.id} was created."
        deployment.rollback = {"rollbackDeploymentId": rollback.id, "rollbackMessage": message}
        try:
            alias.restore()
        except Exception as error:
            logger.exception("The rollback %s has failed.", rollback.id)
            code = error.code if isinstance(error, ShiftError) else "INTERNAL_ERROR"
            rollback.end("Failed", (code, str(error)))
        else:
            deployment.weight = 0
            rollback.end("Succeeded")
        finally:
            # The group takes no other deployment before.
            rollback.ended.set()
