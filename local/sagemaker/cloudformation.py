"""The CloudFormation resource types of SageMaker hosting, added to MiniStack's.

What Ref and Fn::GetAtt return, and which change replaces a resource, is the CloudFormation reference's:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SageMaker.html
"""

from collections.abc import Mapping
from typing import Any

from ministack.services.cloudformation import provisioners, stacks

from local.sagemaker import request
from local.sagemaker.api import Api
from local.sagemaker.catalog import Catalog, Resource
from local.sagemaker.endpoint import Endpoint

Properties = Mapping[str, Any]
Provisioned = tuple[str, dict[str, str]]

_ENDPOINT = "AWS::SageMaker::Endpoint"
_LONGEST_NAME = 63


class EndpointError(Exception):
    """An endpoint did not come into service; the message becomes the reason of the stack's event."""


class ResourceType:
    """A type whose resources never change: whatever changes makes another resource, tags aside."""

    def __init__(self, kind: str, *, api: Api, catalog: Catalog[Resource] | Catalog[Endpoint]) -> None:
        self._kind = kind
        self._api = api
        self._catalog = catalog

    @property
    def replacing(self) -> tuple[str, ...]:
        """The properties whose change replaces the resource."""
        return tuple(sorted(request.members(f"Create{self._kind}") - {"Tags"}))

    def create(self, logical_id: str, properties: Properties, stack: str) -> Provisioned:
        """Create a resource, named after its stack when it has no name.

        Returns:
            Its ARN, which is what Ref gives, and its attributes for Fn::GetAtt.

        Raises:
            SageMakerError: What SageMaker refuses; the message becomes the event's reason.
        """
        generated = provisioners._physical_name(stack, logical_id, max_len=_LONGEST_NAME)
        name = properties.get(f"{self._kind}Name", generated)
        self._call("Create", {**properties, f"{self._kind}Name": name})
        return self._provisioned(name)

    def update(self, arn: str, _old: Properties, _new: Properties, _stack: str) -> Provisioned:
        """Take other tags, of which nothing here keeps account."""
        return self._provisioned(_name(arn))

    def delete(self, arn: str, _properties: Properties) -> None:
        """Delete a resource; that it is gone already is no failure."""
        if _name(arn) in {item.name for item in self._catalog.all()}:
            self._call("Delete", {f"{self._kind}Name": _name(arn)})

    def _call(self, verb: str, properties: Properties) -> None:
        self._api.call(f"{verb}{self._kind}", properties)

    def _provisioned(self, name: str) -> Provisioned:
        arn = self._catalog.arn(name)
        return arn, {f"{self._kind}Arn": arn, f"{self._kind}Name": name}


class EndpointType(ResourceType):
    """Endpoints: created, changed and deleted in the time their processes take."""

    def __init__(self, *, api: Api) -> None:
        super().__init__("Endpoint", api=api, catalog=api.hosting.endpoints)
        self._endpoints = api.hosting.endpoints

    @property
    def replacing(self) -> tuple[str, ...]:
        """The name alone; another configuration is an update in place."""
        return ("EndpointName",)

    def create(self, logical_id: str, properties: Properties, stack: str) -> Provisioned:
        """Create an endpoint and wait for it.

        Raises:
            SageMakerError: What SageMaker refuses.
            EndpointError: It failed; the endpoint is gone again, as after a rollback.
        """
        arn, attributes = super().create(logical_id, properties, stack)
        endpoint = self._settled(arn)
        if failure := endpoint.failure:
            self.delete(arn, properties)
            raise EndpointError(f"Endpoint {endpoint.name} failed: {failure}")
        return arn, attributes

    def update(self, arn: str, old: Properties, new: Properties, stack: str) -> Provisioned:
        """Give the endpoint its other configuration and wait until that serves.

        Raises:
            SageMakerError: What SageMaker refuses.
            EndpointError: The new configuration failed; the endpoint serves the old one.
        """
        if new["EndpointConfigName"] != old["EndpointConfigName"]:
            self._call("Update", {**new, "EndpointName": _name(arn)})
            endpoint = self._settled(arn)
            if endpoint.failure:
                raise EndpointError(f"Endpoint {endpoint.name} serves as before: {endpoint.failure}")
        return super().update(arn, old, new, stack)

    def delete(self, arn: str, properties: Properties) -> None:
        """Delete the endpoint and wait until its process has ended."""
        endpoint = next((item for item in self._endpoints.all() if item.name == _name(arn)), None)
        super().delete(arn, properties)
        if endpoint:
            endpoint.settled.wait()

    def _call(self, verb: str, properties: Properties) -> None:
        """Call the API without what CloudFormation knows of an endpoint and this operation does not."""
        known = request.members(f"{verb}Endpoint")
        super()._call(verb, {name: value for name, value in properties.items() if name in known})

    def _settled(self, arn: str) -> Endpoint:
        endpoint = self._endpoints.get(_name(arn))
        endpoint.settled.wait()
        return endpoint


def install(api: Api) -> None:
    """Teach MiniStack's CloudFormation the types.

    Args:
        api: The SageMaker API that makes the resources.
    """
    types = {
        "AWS::SageMaker::Model": ResourceType("Model", api=api, catalog=api.hosting.models),
        "AWS::SageMaker::EndpointConfig": ResourceType(
            "EndpointConfig", api=api, catalog=api.hosting.configs
        ),
        _ENDPOINT: EndpointType(api=api),
    }
    for name, kind in types.items():
        handlers = {"create": kind.create, "update": kind.update, "delete": kind.delete}
        provisioners._RESOURCE_HANDLERS[name] = handlers
        provisioners._REPLACING_PROPERTIES[name] = kind.replacing
    # Everything else would stand still while an endpoint starts, the S3 it downloads its model from included.
    runs_on_worker_thread = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda name: name == _ENDPOINT or runs_on_worker_thread(name)


def _name(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]
