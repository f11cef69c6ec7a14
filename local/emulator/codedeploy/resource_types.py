"""CloudFormation resource types of CodeDeploy: Application, DeploymentGroup, DeploymentConfig.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_CodeDeploy.html
"""

from typing import Any

from local.codedeploy.codedeploy_resources import CodeDeployCatalog
from local.emulator.resource_types import EmulatedProperties, ProvisionedResource, physical_name, register

_PREFIX = "AWS::CodeDeploy::"
_LONGEST_NAME = 100
_SERVER = "Server"


class ApplicationType:
    """AWS::CodeDeploy::Application; Ref returns its name.

    Args:
        catalog: The applications.
    """

    def __init__(self, catalog: CodeDeployCatalog) -> None:
        self._catalog = catalog

    def create(self, logical_id: str, properties: EmulatedProperties, stack: str) -> ProvisionedResource:
        """Creates an application.

        Raises:
            CodeDeployError: It is refused; the message becomes the event's reason.
        """
        name = properties.get("ApplicationName") or physical_name(stack, logical_id, longest=_LONGEST_NAME)
        self._catalog.create_application(name, properties.get("ComputePlatform", _SERVER))
        return name, {}

    def update(
        self, name: str, _old: EmulatedProperties, _new: EmulatedProperties, _stack: str
    ) -> ProvisionedResource:
        """Accepts a change of tags, which are not stored."""
        return name, {}

    def delete(self, name: str, _properties: EmulatedProperties) -> None:
        """Deletes an application, if it exists."""
        self._catalog.delete_application(name)


class DeploymentConfigType:
    """AWS::CodeDeploy::DeploymentConfig; Ref returns its name.

    Args:
        catalog: The deployment configurations.
    """

    def __init__(self, catalog: CodeDeployCatalog) -> None:
        self._catalog = catalog

    def create(self, logical_id: str, properties: EmulatedProperties, stack: str) -> ProvisionedResource:
        """Creates a deployment configuration.

        Raises:
            CodeDeployError: It is refused.
        """
        generated = physical_name(stack, logical_id, longest=_LONGEST_NAME)
        name = properties.get("DeploymentConfigName") or generated
        self._catalog.create_config(name, api_parameters(properties)["trafficRoutingConfig"])
        return name, {}

    def update(
        self, name: str, _old: EmulatedProperties, _new: EmulatedProperties, _stack: str
    ) -> ProvisionedResource:
        """Changes nothing: every change replaces the resource."""
        return name, {}

    def delete(self, name: str, _properties: EmulatedProperties) -> None:
        """Deletes a deployment configuration, if it exists.

        Raises:
            CodeDeployError: A deployment group uses it.
        """
        self._catalog.delete_config(name)


class DeploymentGroupType:
    """AWS::CodeDeploy::DeploymentGroup; Ref returns its name.

    Args:
        catalog: The deployment groups.
    """

    def __init__(self, catalog: CodeDeployCatalog) -> None:
        self._catalog = catalog

    def create(self, logical_id: str, properties: EmulatedProperties, stack: str) -> ProvisionedResource:
        """Creates a deployment group.

        Raises:
            CodeDeployError: It is refused.
        """
        generated = physical_name(stack, logical_id, longest=_LONGEST_NAME)
        name = properties.get("DeploymentGroupName") or generated
        self._catalog.create_group(properties["ApplicationName"], name, api_parameters(properties))
        return name, {}

    def update(
        self, name: str, _old: EmulatedProperties, new: EmulatedProperties, _stack: str
    ) -> ProvisionedResource:
        """Replaces the parameters of a deployment group.

        Raises:
            CodeDeployError: It is refused.
        """
        self._catalog.update_group(new["ApplicationName"], name, api_parameters(new))
        return name, {}

    def delete(self, name: str, properties: EmulatedProperties) -> None:
        """Deletes a deployment group, if it exists."""
        self._catalog.delete_group(properties["ApplicationName"], name)


def install(catalog: CodeDeployCatalog) -> None:
    """Adds the types to MiniStack's CloudFormation."""
    register(
        f"{_PREFIX}Application",
        ApplicationType(catalog),
        replacing=("ApplicationName", "ComputePlatform"),
    )
    register(
        f"{_PREFIX}DeploymentConfig",
        DeploymentConfigType(catalog),
        replacing=("ComputePlatform", "DeploymentConfigName", "TrafficRoutingConfig"),
    )
    register(
        f"{_PREFIX}DeploymentGroup",
        DeploymentGroupType(catalog),
        replacing=("ApplicationName", "DeploymentGroupName"),
    )


def api_parameters(value: Any) -> Any:
    """Returns properties of a template as parameters of the API, whose names start in lower case."""
    if isinstance(value, list):
        return [api_parameters(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {f"{name[0].lower()}{name[1:]}": api_parameters(found) for name, found in value.items()}
