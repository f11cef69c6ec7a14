"""Applications, deployment groups and deployment configurations, with CodeDeploy's refusals.

https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_Operations.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.codedeploy.errors import CodeDeployError
from local.codedeploy.traffic_routing import PREDEFINED, TrafficRouting

_LAMBDA = "Lambda"
_STYLE = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
_MAX_ALARMS = 10


@dataclass(frozen=True, kw_only=True)
class DeploymentGroup:
    """A deployment group of the Lambda compute platform.

    Attributes:
        application: Name of its application.
        name: Its name.
        parameters: Parameters of CreateDeploymentGroup.
    """

    application: str
    name: str
    parameters: Mapping[str, Any]

    @property
    def role(self) -> str:
        """ARN of the service role."""
        return str(self.parameters["serviceRoleArn"])

    @property
    def config(self) -> str:
        """Name of the deployment configuration."""
        return str(self.parameters["deploymentConfigName"])

    @property
    def alarms(self) -> list[str]:
        """Names of the alarms that stop a deployment."""
        found = self.parameters.get("alarmConfiguration") or {}
        return [alarm["name"] for alarm in found.get("alarms", ())] if found.get("enabled") else []

    @property
    def ignores_unknown_alarms(self) -> bool:
        """True when a deployment continues although the states of the alarms cannot be read."""
        return bool((self.parameters.get("alarmConfiguration") or {}).get("ignorePollAlarmFailure"))

    def rolls_back(self, event: str) -> bool:
        """Returns true when an event, such as DEPLOYMENT_STOP_ON_ALARM, starts a rollback."""
        found = self.parameters.get("autoRollbackConfiguration") or {}
        return bool(found.get("enabled")) and event in found.get("events", ())


class CodeDeployCatalog:
    """All applications, deployment groups and deployment configurations."""

    def __init__(self) -> None:
        self._applications: dict[str, dict[str, DeploymentGroup]] = {}
        self._configs: dict[str, TrafficRouting] = dict(PREDEFINED)

    def create_application(self, name: str, platform: str) -> None:
        """Creates an application.

        Raises:
            CodeDeployError: The name is taken, or the compute platform is not Lambda.
        """
        if platform != _LAMBDA:
            raise CodeDeployError(
                "InvalidComputePlatformException",
                f"AWS on this machine deploys the compute platform Lambda only, and not {platform}.",
            )
        if name in self._applications:
            raise CodeDeployError("ApplicationAlreadyExistsException", f"Application already exists: {name}")
        self._applications[name] = {}

    def delete_application(self, name: str) -> None:
        """Deletes an application with its deployment groups, if it exists."""
        self._applications.pop(name, None)

    def names(self) -> list[str]:
        """Returns the names of the applications."""
        return list(self._applications)

    def groups(self, application: str) -> Mapping[str, DeploymentGroup]:
        """Returns the deployment groups of an application, by name.

        Raises:
            CodeDeployError: There is no such application.
        """
        if application not in self._applications:
            raise CodeDeployError(
                "ApplicationDoesNotExistException", f"No application found for name: {application}"
            )
        return self._applications[application]

    def group(self, application: str, name: str) -> DeploymentGroup:
        """Returns a deployment group.

        Raises:
            CodeDeployError: There is no such application or group.
        """
        found = self.groups(application).get(name)
        if found is None:
            raise CodeDeployError(
                "DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}"
            )
        return found

    def create_group(self, application: str, name: str, parameters: Mapping[str, Any]) -> None:
        """Creates a deployment group.

        Raises:
            CodeDeployError: The name is taken, or a parameter is wrong.
        """
        if name in self.groups(application):
            raise CodeDeployError(
                "DeploymentGroupAlreadyExistsException", f"Deployment group name already exists: {name}"
            )
        self._put_group(application, name, parameters)

    def update_group(self, application: str, name: str, parameters: Mapping[str, Any]) -> None:
        """Replaces the parameters of a deployment group.

        Raises:
            CodeDeployError: There is no such group, or a parameter is wrong.
        """
        self.group(application, name)
        self._put_group(application, name, parameters)

    def delete_group(self, application: str, name: str) -> None:
        """Deletes a deployment group, if it exists."""
        self._applications.get(application, {}).pop(name, None)

    def create_config(self, name: str, routing: TrafficRouting) -> None:
        """Creates a deployment configuration.

        Raises:
            CodeDeployError: The name is taken.
        """
        if name in self._configs:
            raise CodeDeployError(
                "DeploymentConfigAlreadyExistsException", f"Deployment configuration already exists: {name}"
            )
        self._configs[name] = routing

    def delete_config(self, name: str) -> None:
        """Deletes a deployment configuration, if it exists.

        Raises:
            CodeDeployError: It is CodeDeploy's own, or a deployment group uses it.
        """
        if name in PREDEFINED:
            raise CodeDeployError(
                "InvalidDeploymentConfigNameException",
                "The deployment configuration cannot be deleted, because it is one of CodeDeploy's own.",
            )
        groups = [group for found in self._applications.values() for group in found.values()]
        if any(group.config == name for group in groups):
            raise CodeDeployError(
                "DeploymentConfigInUseException", f"The deployment configuration {name} is still in use."
            )
        self._configs.pop(name, None)

    def routing(self, config: str) -> TrafficRouting:
        """Returns the traffic routing of a deployment configuration.

        Raises:
            CodeDeployError: There is no such configuration.
        """
        if config not in self._configs:
            raise CodeDeployError(
                "DeploymentConfigDoesNotExistException",
                f"No Deployment Configuration found for name: {config}",
            )
        return self._configs[config]

    def _put_group(self, application: str, name: str, parameters: Mapping[str, Any]) -> None:
        known = {"deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce", **parameters}
        self.routing(known["deploymentConfigName"])
        if parameters.get("deploymentStyle") != _STYLE:
            # https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeploymentGroup.html
            raise CodeDeployError(
                "InvalidDeploymentStyleException",
                "The deployment type of a Lambda deployment group must be BLUE_GREEN, and its deployment "
                "option WITH_TRAFFIC_CONTROL.",
            )
        group = DeploymentGroup(application=application, name=name, parameters=known)
        if len(group.alarms) > _MAX_ALARMS:
            raise CodeDeployError(
                "AlarmsLimitExceededException",
                f"The maximum number of alarms for a deployment group ({_MAX_ALARMS}) was exceeded.",
            )
        self._applications[application][name] = group
