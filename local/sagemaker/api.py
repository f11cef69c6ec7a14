"""The SageMaker API, as far as hosting and training need it.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Operations_Amazon_SageMaker_Service.html
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from local.sagemaker import request, wire
from local.sagemaker.catalog import Catalog, Resource
from local.sagemaker.endpoint import Endpoint
from local.sagemaker.errors import SageMakerError, invalid
from local.sagemaker.hosting import Hosting
from local.sagemaker.page import page
from local.sagemaker.serverless import check_config, variant_status
from local.sagemaker.specification import check_specification, container_of

Parameters = Mapping[str, Any]
Result = dict[str, Any]
Operation = Callable[[Parameters], Result]


class Api:
    """The operations on models, endpoint configurations and endpoints.

    Args:
        hosting: Whose they are.
        others: Further operations, by name.
    """

    def __init__(self, hosting: Hosting, others: Mapping[str, Operation]) -> None:
        self.hosting = hosting
        self._operations: dict[str, Operation] = {
            **others,
            "CreateModel": self._create_model,
            "DescribeModel": self._describe_model,
            "DeleteModel": lambda parameters: _remove(hosting.models, parameters["ModelName"]),
            "ListModels": self._list_models,
            "CreateEndpointConfig": self._create_config,
            "DescribeEndpointConfig": self._describe_config,
            "DeleteEndpointConfig": lambda parameters: _remove(
                hosting.configs, parameters["EndpointConfigName"]
            ),
            "ListEndpointConfigs": self._list_configs,
            "CreateEndpoint": self._create_endpoint,
            "DescribeEndpoint": self._describe_endpoint,
            "UpdateEndpoint": self._update_endpoint,
            "DeleteEndpoint": self._delete_endpoint,
            "ListEndpoints": self._list_endpoints,
        }

    def answer(self, operation: str, body: bytes) -> wire.Response:
        """Answer an HTTP request: the JSON 1.1 protocol, with SageMaker's own errors."""
        try:
            return wire.of_result(self.call(operation, _parameters(body)))
        except SageMakerError as error:
            return wire.of_error(error)

    def call(self, operation: str, parameters: Parameters) -> Result:
        """Do what one API call asks.

        Args:
            operation: The operation, as CreateModel.
            parameters: Its parameters, as the API reference names them.

        Raises:
            SageMakerError: What SageMaker would answer.
        """
        if operation not in self._operations:
            raise SageMakerError(
                "UnknownOperationException", f"AWS on this machine has no SageMaker {operation}."
            )
        request.check(operation, parameters)
        return self._operations[operation](parameters)

    def _create_model(self, parameters: Parameters) -> Result:
        check_specification(container_of(parameters))
        self.hosting.models.add(Resource(name=parameters["ModelName"], request=dict(parameters)))
        return {"ModelArn": self.hosting.models.arn(parameters["ModelName"])}

    def _describe_model(self, parameters: Parameters) -> Result:
        model = self.hosting.models.get(parameters["ModelName"])
        return _described(model) | {"ModelArn": self.hosting.models.arn(model.name)}

    def _list_models(self, parameters: Parameters) -> Result:
        return page("Model", self.hosting.models, parameters)

    def _create_config(self, parameters: Parameters) -> Result:
        if len(variants := parameters["ProductionVariants"]) != 1:
            raise invalid(f"An endpoint here has one production variant, and this one has {len(variants)}.")
        model = self.hosting.models.get(variants[0].get("ModelName", ""))
        check_config(parameters, model=model.request)
        self.hosting.configs.add(Resource(name=parameters["EndpointConfigName"], request=dict(parameters)))
        return {"EndpointConfigArn": self.hosting.configs.arn(parameters["EndpointConfigName"])}

    def _describe_config(self, parameters: Parameters) -> Result:
        config = self.hosting.configs.get(parameters["EndpointConfigName"])
        return _described(config) | {"EndpointConfigArn": self.hosting.configs.arn(config.name)}

    def _list_configs(self, parameters: Parameters) -> Result:
        return page("EndpointConfig", self.hosting.configs, parameters)

    def _create_endpoint(self, parameters: Parameters) -> Result:
        endpoint = self.hosting.create(parameters["EndpointName"], parameters["EndpointConfigName"])
        endpoint.deployment = parameters.get("DeploymentConfig")
        return {"EndpointArn": self.hosting.endpoints.arn(endpoint.name)}

    def _update_endpoint(self, parameters: Parameters) -> Result:
        endpoint = self.hosting.update(parameters["EndpointName"], parameters["EndpointConfigName"])
        endpoint.deployment = parameters.get("DeploymentConfig", endpoint.deployment)
        return {"EndpointArn": self.hosting.endpoints.arn(endpoint.name)}

    def _delete_endpoint(self, parameters: Parameters) -> Result:
        self.hosting.delete(parameters["EndpointName"])
        return {}

    def _describe_endpoint(self, parameters: Parameters) -> Result:
        endpoint = self.hosting.endpoints.get(parameters["EndpointName"])
        described: Result = {
            "EndpointName": endpoint.name,
            "EndpointArn": self.hosting.endpoints.arn(endpoint.name),
            "EndpointConfigName": endpoint.config.name,
            "EndpointStatus": endpoint.status,
            "CreationTime": endpoint.created.timestamp(),
            "LastModifiedTime": endpoint.modified.timestamp(),
        }
        if endpoint.failure:
            described["FailureReason"] = endpoint.failure
        if endpoint.deployment:
            described["LastDeploymentConfig"] = endpoint.deployment
        if endpoint.container:
            described["ProductionVariants"] = [_variant(endpoint)]
        return described

    def _list_endpoints(self, parameters: Parameters) -> Result:
        return page("Endpoint", self.hosting.endpoints, parameters)


def _parameters(body: bytes) -> Parameters:
    try:
        parameters = json.loads(body or b"{}")
    except ValueError:
        parameters = None
    if not isinstance(parameters, dict):
        raise SageMakerError("SerializationException", "The body of the request is not a JSON object.")
    return parameters


def _remove(catalog: Catalog[Resource], name: str) -> Result:
    catalog.remove(name)
    return {}


def _described(resource: Resource) -> Result:
    request_ = {name: value for name, value in resource.request.items() if name != "Tags"}
    return request_ | {"CreationTime": resource.created.timestamp()}


def _variant(endpoint: Endpoint) -> Result:
    variant = endpoint.variant
    weight = variant.get("InitialVariantWeight", 1.0)
    shown = {"VariantName": variant["VariantName"], "CurrentWeight": weight, "DesiredWeight": weight}
    return shown | variant_status(endpoint.config.request)
