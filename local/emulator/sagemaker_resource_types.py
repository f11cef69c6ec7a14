"""CloudFormation resource types of SageMaker: Model, EndpointConfig, Endpoint, ModelPackageGroup.

The return values of Ref and Fn::GetAtt, and the properties whose change replaces a resource, follow the
CloudFormation reference:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SageMaker.html
"""

from local.emulator.resource_types import (
    EmulatedProperties,
    ProvisionedResource,
    physical_name,
    register,
    run_on_worker_thread,
)
from local.sagemaker.api.operation import parameter_names
from local.sagemaker.api.sagemaker_api import SageMakerApi
from local.sagemaker.errors import InProgressError
from local.sagemaker.hosting.endpoint import HostedEndpoint
from local.sagemaker.hosting.hosting import SageMakerHosting
from local.sagemaker.registry.model_package import ModelPackageGroup
from local.sagemaker.registry.registry import SageMakerRegistry
from local.sagemaker.resource_collection import Catalog, SageMakerResource

_PREFIX = "AWS::SageMaker::"
_LONGEST_NAME = 63


class EndpointError(Exception):
    """An endpoint did not come into service; the message becomes the reason of the stack event."""


class ImmutableType:
    """A resource type without an update operation: every change but one of tags replaces the resource.

    Args:
        kind: The resource's name in the API, such as Model.
        api: The API that creates and deletes the resources.
        catalog: The existing resources.
    """

    def __init__(
        self,
        kind: str,
        *,
        api: SageMakerApi,
        catalog: Catalog[SageMakerResource] | Catalog[HostedEndpoint] | Catalog[ModelPackageGroup],
    ) -> None:
        self.kind = kind
        self._api = api
        self._catalog = catalog

    @property
    def replacing(self) -> tuple[str, ...]:
        """The properties whose change replaces the resource."""
        return tuple(sorted(parameter_names(f"Create{self.kind}") - {"Tags"}))

    def create(self, logical_id: str, properties: EmulatedProperties, stack: str) -> ProvisionedResource:
        """Creates a resource; a resource without a name is named after its stack.

        Returns:
            Its ARN, which Ref returns, and its attributes for Fn::GetAtt.

        Raises:
            SageMakerError: SageMaker refuses the request; the message becomes the event's reason.
        """
        generated = physical_name(stack, logical_id, longest=_LONGEST_NAME)
        name = properties.get(f"{self.kind}Name", generated)
        self._call("Create", {**properties, f"{self.kind}Name": name})
        return self._provisioned(name)

    def update(
        self, arn: str, _old: EmulatedProperties, _new: EmulatedProperties, _stack: str
    ) -> ProvisionedResource:
        """Accepts a change of tags, which are not stored."""
        return self._provisioned(_name(arn))

    def delete(self, arn: str, _properties: EmulatedProperties) -> None:
        """Deletes a resource, if it exists."""
        if _name(arn) in {item.name for item in self._catalog.all()}:
            self._call("Delete", {f"{self.kind}Name": _name(arn)})

    def _call(self, verb: str, properties: EmulatedProperties) -> None:
        self._api.call(f"{verb}{self.kind}", properties)

    def _provisioned(self, name: str) -> ProvisionedResource:
        arn = self._catalog.arn(name)
        return arn, {f"{self.kind}Arn": arn, f"{self.kind}Name": name}


class EndpointType(ImmutableType):
    """AWS::SageMaker::Endpoint; each handler returns when the endpoint has settled.

    Args:
        api: The API that creates, updates and deletes endpoints.
        endpoints: The existing endpoints.
    """

    def __init__(self, *, api: SageMakerApi, endpoints: Catalog[HostedEndpoint]) -> None:
        super().__init__("Endpoint", api=api, catalog=endpoints)
        self._endpoints = endpoints

    @property
    def replacing(self) -> tuple[str, ...]:
        """The name only; a change of the endpoint configuration updates the endpoint in place."""
        return ("EndpointName",)

    def create(self, logical_id: str, properties: EmulatedProperties, stack: str) -> ProvisionedResource:
        """Creates an endpoint and waits until it is in service.

        Raises:
            SageMakerError: SageMaker refuses the request.
            EndpointError: The endpoint failed and has been deleted.
        """
        arn, attributes = super().create(logical_id, properties, stack)
        endpoint = self._await_settled(arn)
        if failure := endpoint.failure:
            self.delete(arn, properties)
            raise EndpointError(f"Endpoint {endpoint.name} failed: {failure}")
        return arn, attributes

    def update(
        self, arn: str, old: EmulatedProperties, new: EmulatedProperties, stack: str
    ) -> ProvisionedResource:
        """Updates the endpoint to another endpoint configuration and waits until the deployment has ended.

        Raises:
            SageMakerError: SageMaker refuses the request.
            EndpointError: The deployment was rolled back; the endpoint serves its old configuration.
        """
        if new["EndpointConfigName"] != old["EndpointConfigName"]:
            self._call("Update", {**new, "EndpointName": _name(arn)})
            endpoint = self._await_settled(arn)
            if endpoint.failure:
                raise EndpointError(f"Endpoint {endpoint.name} was not updated: {endpoint.failure}")
        return super().update(arn, old, new, stack)

    def delete(self, arn: str, properties: EmulatedProperties) -> None:
        """Deletes the endpoint and waits until its process has ended; scaling steps end before."""
        endpoint = next((item for item in self._endpoints.all() if item.name == _name(arn)), None)
        while endpoint:
            endpoint.settled.wait()
            try:
                super().delete(arn, properties)
            except InProgressError:
                # A scaling step has begun since.
                continue
            endpoint.settled.wait()
            return

    def _call(self, verb: str, properties: EmulatedProperties) -> None:
        """Calls the API with those properties that are parameters of the operation."""
        known = parameter_names(f"{verb}{self.kind}")
        super()._call(verb, {name: value for name, value in properties.items() if name in known})

    def _await_settled(self, arn: str) -> HostedEndpoint:
        endpoint = self._endpoints.get(_name(arn))
        endpoint.settled.wait()
        return endpoint


def install(api: SageMakerApi, hosting: SageMakerHosting, registry: SageMakerRegistry) -> None:
    """Adds the types to MiniStack's CloudFormation.

    Args:
        api: The API that creates the resources.
        hosting: The models, endpoint configurations and endpoints.
        registry: The model package groups.
    """
    endpoint_type = EndpointType(api=api, endpoints=hosting.endpoints)
    for resource_type in (
        ImmutableType("Model", api=api, catalog=hosting.models),
        ImmutableType("EndpointConfig", api=api, catalog=hosting.configs),
        ImmutableType("ModelPackageGroup", api=api, catalog=registry.groups),
        endpoint_type,
    ):
        register(f"{_PREFIX}{resource_type.kind}", resource_type, replacing=resource_type.replacing)
    run_on_worker_thread(f"{_PREFIX}{endpoint_type.kind}")


def _name(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]
