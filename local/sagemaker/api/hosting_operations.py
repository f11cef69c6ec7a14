"""Operations on models, endpoint configurations and endpoints."""

from collections.abc import Callable

from local.sagemaker.api.endpoint_description import endpoint_description, endpoint_summary
from local.sagemaker.api.lists import list_page
from local.sagemaker.api.operation import Operation, OperationParameters, OperationResult
from local.sagemaker.errors import invalid
from local.sagemaker.execution_role import check_model_data
from local.sagemaker.hosting.container_definition import (
    check_container_definition,
    container_definition,
    is_multi_model,
)
from local.sagemaker.hosting.hosting import SageMakerHosting
from local.sagemaker.hosting.serverless import check_endpoint_config
from local.sagemaker.resource_collection import Catalog, SageMakerResource


def hosting_operations(hosting: SageMakerHosting) -> dict[str, Operation]:
    """Returns the operations by name.

    Args:
        hosting: The resources that they read and change.
    """
    return {
        **_resource_operations(
            "Model", hosting.models, check=lambda parameters: _check_model(hosting, parameters)
        ),
        **_resource_operations(
            "EndpointConfig", hosting.configs, check=lambda parameters: _check_config(hosting, parameters)
        ),
        "CreateEndpoint": lambda parameters: _create_endpoint(hosting, parameters),
        "DescribeEndpoint": lambda parameters: _describe_endpoint(hosting, parameters),
        "UpdateEndpoint": lambda parameters: _update_endpoint(hosting, parameters),
        "UpdateEndpointWeightsAndCapacities": lambda parameters: _change_capacity(hosting, parameters),
        "DeleteEndpoint": lambda parameters: _delete_endpoint(hosting, parameters),
        "ListEndpoints": lambda parameters: _list_endpoints(hosting, parameters),
    }


def _resource_operations(
    kind: str, catalog: Catalog[SageMakerResource], *, check: Callable[[OperationParameters], None]
) -> dict[str, Operation]:
    """Returns the operations on immutable resources; `check` validates the request of a new one."""

    def create_resource(parameters: OperationParameters) -> OperationResult:
        check(parameters)
        name = parameters[f"{kind}Name"]
        catalog.add(SageMakerResource(name=name, request=dict(parameters)))
        return {f"{kind}Arn": catalog.arn(name)}

    def describe(parameters: OperationParameters) -> OperationResult:
        resource = catalog.get(parameters[f"{kind}Name"])
        request = {name: value for name, value in resource.request.items() if name != "Tags"}
        return request | _created(resource) | {f"{kind}Arn": catalog.arn(resource.name)}

    def delete(parameters: OperationParameters) -> OperationResult:
        catalog.remove(parameters[f"{kind}Name"])
        return {}

    def summary(resource: SageMakerResource) -> OperationResult:
        return {f"{kind}Name": resource.name, f"{kind}Arn": catalog.arn(resource.name)} | _created(resource)

    return {
        f"Create{kind}": create_resource,
        f"Describe{kind}": describe,
        f"Delete{kind}": delete,
        f"List{kind}s": lambda parameters: list_page(f"{kind}s", catalog, parameters, summary=summary),
    }


def _created(resource: SageMakerResource) -> OperationResult:
    return {"CreationTime": resource.created.timestamp()}


def _check_model(hosting: SageMakerHosting, parameters: OperationParameters) -> None:
    container = container_definition(parameters)
    check_container_definition(container)
    model = SageMakerResource(name=parameters["ModelName"], request=dict(parameters))
    role = hosting.models.assume_role(model)
    if url := container.get("ModelDataUrl"):
        is_prefix = is_multi_model(container)
        check_model_data(role, parameters["ExecutionRoleArn"], url, is_prefix=is_prefix)


def _check_config(hosting: SageMakerHosting, parameters: OperationParameters) -> None:
    if len(variants := parameters["ProductionVariants"]) != 1:
        raise invalid(
            "AWS on this machine supports one production variant in an endpoint configuration, "
            f"and this one has {len(variants)}."
        )
    model = hosting.models.get(variants[0].get("ModelName", ""))
    check_endpoint_config(parameters, model=model.request)


def _create_endpoint(hosting: SageMakerHosting, parameters: OperationParameters) -> OperationResult:
    deployment = parameters.get("DeploymentConfig")
    name, config_name = parameters["EndpointName"], parameters["EndpointConfigName"]
    endpoint = hosting.create(name, config_name, deployment=deployment)
    return {"EndpointArn": hosting.endpoints.arn(endpoint.name)}


def _update_endpoint(hosting: SageMakerHosting, parameters: OperationParameters) -> OperationResult:
    endpoint = hosting.update(
        parameters["EndpointName"], parameters["EndpointConfigName"], options=parameters
    )
    return {"EndpointArn": hosting.endpoints.arn(endpoint.name)}


def _change_capacity(hosting: SageMakerHosting, parameters: OperationParameters) -> OperationResult:
    endpoint = hosting.change_capacity(parameters["EndpointName"], parameters["DesiredWeightsAndCapacities"])
    return {"EndpointArn": hosting.endpoints.arn(endpoint.name)}


def _delete_endpoint(hosting: SageMakerHosting, parameters: OperationParameters) -> OperationResult:
    hosting.delete(parameters["EndpointName"])
    return {}


def _describe_endpoint(hosting: SageMakerHosting, parameters: OperationParameters) -> OperationResult:
    endpoint = hosting.endpoints.get(parameters["EndpointName"])
    return endpoint_description(endpoint, arn=hosting.endpoints.arn(endpoint.name))


def _list_endpoints(hosting: SageMakerHosting, parameters: OperationParameters) -> OperationResult:
    return list_page(
        "Endpoints",
        hosting.endpoints,
        parameters,
        summary=lambda endpoint: endpoint_summary(endpoint, arn=hosting.endpoints.arn(endpoint.name)),
        status=lambda endpoint: endpoint.status,
    )
