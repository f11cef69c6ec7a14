"""SageMaker hosting: creates, updates and deletes endpoints and their serving processes."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from local.sagemaker.capture.data_capture import DataCapture
from local.sagemaker.errors import invalid
from local.sagemaker.execution_role import AssumeRole, ExecutionRole, assume_or_refuse
from local.sagemaker.hosting.endpoint import HostedEndpoint
from local.sagemaker.hosting.fleet import START_ERRORS, ContainerFleet
from local.sagemaker.hosting.model_cache import ModelCache
from local.sagemaker.hosting.serverless import check_update
from local.sagemaker.named_resources import Catalog, SageMakerResource

logger = logging.getLogger(__name__)


class EndpointLease(NamedTuple):
    """An endpoint during one invocation: port and data capture of its process, cache of several models."""

    endpoint: HostedEndpoint
    port: int
    models: ModelCache | None
    capture: DataCapture | None = None


class SageMakerHosting:
    """Models, endpoint configurations and endpoints of one account and region.

    Args:
        fleet: The serving processes.
        assume: Assumes the execution role of a model.
    """

    def __init__(self, *, fleet: ContainerFleet, assume: AssumeRole) -> None:
        self.models = Catalog[SageMakerResource](noun="model", path="model")
        self.configs = Catalog[SageMakerResource](noun="endpoint configuration", path="endpoint-config")
        self.endpoints = Catalog[HostedEndpoint](noun="endpoint", path="endpoint")
        self._assume = assume
        self._fleet = fleet
        self._changing = threading.Lock()

    def create(self, name: str, config_name: str) -> HostedEndpoint:
        """Creates an endpoint in the background; its status is Creating until it has settled.

        Raises:
            SageMakerError: The configuration or its model does not exist, or the endpoint exists already.
        """
        endpoint = HostedEndpoint(name=name, config=self.configs.get(config_name))
        model = self.model_of(endpoint.config)
        self.endpoints.add(endpoint)
        _in_background(self._create, endpoint, model)
        return endpoint

    def update(self, name: str, config_name: str) -> HostedEndpoint:
        """Updates an endpoint in the background; the old configuration serves until the new one is healthy.

        Raises:
            SageMakerError: The configuration, its model or the endpoint does not exist, a change is in
                progress, or the update is from instances to serverless.
        """
        config = self.configs.get(config_name)
        model = self.model_of(config)
        check_update(self.endpoints.get(name).config, config)
        endpoint = self._claim(name, "Updating")
        _in_background(self._update, endpoint, config, model)
        return endpoint

    def delete(self, name: str) -> HostedEndpoint:
        """Deletes an endpoint in the background; its process has ended when it has settled.

        Raises:
            SageMakerError: The endpoint does not exist, or a change is in progress.
        """
        endpoint = self._claim(name, "Deleting")
        _in_background(self._delete, endpoint)
        return endpoint

    def model_of(self, config: SageMakerResource) -> SageMakerResource:
        """Returns the one model of an endpoint configuration.

        Raises:
            SageMakerError: It does not exist.
        """
        return self.models.get(config.request["ProductionVariants"][0]["ModelName"])

    def assume_role(self, model: SageMakerResource) -> ExecutionRole:
        """Assumes the execution role of a model.

        Raises:
            SageMakerError: SageMaker may not assume it.
        """
        role_arn = model.request.get("ExecutionRoleArn")
        if role_arn is None:
            raise invalid(
                f"Model {model.name} has no ExecutionRoleArn: AWS on this machine reads its image and data "
                "with this role."
            )
        return assume_or_refuse(self._assume, role_arn, source_arn=self.models.arn(model.name))

    @contextmanager
    def lease(self, name: str) -> Iterator[EndpointLease]:
        """Yields an endpoint for one invocation; its process is not stopped before the invocation ends.

        Raises:
            LookupError: The endpoint does not exist or has not been in service yet.
            ContainerDownError: Its process crashed and is being restarted.
        """
        endpoint = next((endpoint for endpoint in self.endpoints.all() if endpoint.name == name), None)
        with ExitStack() as leases:
            # The lock delays an update, so that the leased process is the one in service.
            with self._changing:
                if endpoint is None or endpoint.container is None:
                    raise LookupError(name)
                container = endpoint.container
                port = leases.enter_context(container.lease())
            yield EndpointLease(endpoint, port, container.models, container.capture)

    def close(self) -> None:
        """Ends all serving processes, those that are starting included, without waiting for invocations."""
        self._fleet.close()

    def _claim(self, name: str, status: str) -> HostedEndpoint:
        endpoint = self.endpoints.get(name)
        with self._changing:
            if not endpoint.settled.is_set():
                raise invalid(f'Cannot update in-progress endpoint "{self.endpoints.arn(name)}".')
            endpoint.begin(status)
        return endpoint

    def _create(self, endpoint: HostedEndpoint, model: SageMakerResource) -> None:
        try:
            endpoint.container = self._fleet.start(endpoint.name, endpoint.config, model, self.assume_role)
        except START_ERRORS as error:
            logger.error("Endpoint %s failed: %s", endpoint.name, error)  # noqa: TRY400 - no traceback
            endpoint.settle("Failed", failure=str(error))
        else:
            endpoint.settle("InService")

    def _update(self, endpoint: HostedEndpoint, config: SageMakerResource, model: SageMakerResource) -> None:
        try:
            container = self._fleet.start(endpoint.name, config, model, self.assume_role)
        except START_ERRORS as error:
            logger.error("Endpoint %s still serves its old configuration: %s", endpoint.name, error)  # noqa: TRY400 - no traceback
            endpoint.settle("InService" if endpoint.container else "Failed", failure=str(error))
            return
        with self._changing:
            replaced, endpoint.container, endpoint.config = endpoint.container, container, config
        if replaced:
            self._fleet.stop(replaced)
        endpoint.settle("InService")

    def _delete(self, endpoint: HostedEndpoint) -> None:
        with self._changing:
            container, endpoint.container = endpoint.container, None
        if container:
            self._fleet.stop(container)
        self.endpoints.remove(endpoint.name)
        endpoint.settle("Deleting")


def _in_background(target: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=target, args=arguments, daemon=True).start()
