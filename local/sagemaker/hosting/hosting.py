"""SageMaker hosting: creates, updates and deletes endpoints and their fleets."""

import functools
import logging
import math
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from local.sagemaker.errors import InProgressError, invalid
from local.sagemaker.execution_role import AssumeRole, check_rollback_alarms
from local.sagemaker.fleets.fleet import Fleet
from local.sagemaker.fleets.launcher import START_ERRORS, ContainerLauncher
from local.sagemaker.fleets.variant_properties import VariantProperties, properties_of
from local.sagemaker.hosting.endpoint import EndpointLease, HostedEndpoint
from local.sagemaker.hosting.model_catalog import ModelCatalog
from local.sagemaker.resource_collection import Catalog, SageMakerResource
from local.sagemaker.updates.capacity_change import change_capacity, wanted_properties
from local.sagemaker.updates.endpoint_events import EndpointEvents, Publish
from local.sagemaker.updates.endpoint_updates import EndpointUpdates
from local.sagemaker.updates.pending_deployment import PendingDeployment
from local.sagemaker.updates.update_clock import Clock
from local.sagemaker.updates.update_plan import plan_update

logger = logging.getLogger(__name__)

_NO_OPTIONS: Mapping[str, Any] = {}
# SageMaker's own words: https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html
_INTERNAL = "InternalServerError: We encountered an internal error. Please try again."


class SageMakerHosting:
    """Models, endpoint configurations and endpoints of one account and region.

    Args:
        launcher: Starts and stops serving processes.
        assume: Assumes the execution role of a model.
        clock: The clock of updates.
        publish: Sends an event to EventBridge.
    """

    def __init__(
        self, *, launcher: ContainerLauncher, assume: AssumeRole, clock: Clock, publish: Publish
    ) -> None:
        self.models = ModelCatalog(assume)
        self.configs = Catalog[SageMakerResource](noun="endpoint configuration", path="endpoint-config")
        self.endpoints = Catalog[HostedEndpoint](noun="endpoint", path="endpoint")
        self._launcher = launcher
        self._events = EndpointEvents(publish, arn=self.endpoints.arn)
        self._changing = threading.Lock()
        self._updates = EndpointUpdates(clock=clock, events=self._events)
        # Returns the variants of an endpoint that are scalable targets of Application Auto Scaling.
        self.scaled_variants: Callable[[str], Collection[str]] = lambda _: ()

    def create(
        self, name: str, config_name: str, *, deployment: dict[str, Any] | None = None
    ) -> HostedEndpoint:
        """Creates an endpoint in the background; its status is Creating until it has settled.

        Args:
            name: Its name.
            config_name: Its endpoint configuration.
            deployment: The DeploymentConfig that a later update can reuse.

        Raises:
            SageMakerError: The configuration or its model does not exist, or the endpoint exists already.
        """
        config = self.configs.get(config_name)
        check_rollback_alarms(self.models.assume_role(self.models.of(config)), deployment)
        fleet = self._new_fleet(name, config, properties_of(config.request))
        endpoint = HostedEndpoint(
            name=name,
            config=config,
            deployment=deployment,
            pending=PendingDeployment(fleet=fleet),
            announce=self._events.status_changed,
        )
        self.endpoints.add(endpoint)
        self._events.status_changed(endpoint)
        _in_background(self._create, endpoint, fleet)
        return endpoint

    def update(
        self, name: str, config_name: str, *, options: Mapping[str, Any] = _NO_OPTIONS
    ) -> HostedEndpoint:
        """Updates an endpoint in the background; it serves all the time.

        Args:
            name: Its name.
            config_name: Its new endpoint configuration.
            options: The other parameters of UpdateEndpoint: DeploymentConfig, RetainDeploymentConfig,
                RetainAllVariantProperties, ExcludeRetainedVariantProperties.

        Raises:
            SageMakerError: The configuration, its model or the endpoint does not exist, a change is in
                progress, the update is from instances to serverless or changes the instance type of a scaled
                variant, or the deployment does not fit the endpoint.
        """
        config, endpoint = self.configs.get(config_name), self.endpoints.get(name)
        self._check_settled(endpoint)
        old = self._serving_fleet(endpoint)
        scaled = self.scaled_variants(name)
        plan = plan_update(old, config, options, last=endpoint.deployment, scaled=scaled)
        assume = functools.partial(self.models.assume_role, self.models.of(config))
        check_rollback_alarms(assume(), plan.deployment)
        fleet = self._new_fleet(name, config, plan.properties)
        self._claim(endpoint, "Updating", serving=old)
        endpoint.deployment = plan.deployment or endpoint.deployment
        endpoint.pending = pending = PendingDeployment(fleet=fleet)
        _in_background(self._updates.run, endpoint, pending, old=old, policy=plan.policy, assume=assume)
        return endpoint

    def change_capacity(self, name: str, changes: Sequence[Mapping[str, Any]]) -> HostedEndpoint:
        """Changes the number of instances or the weight in the background; the endpoint serves all the time.

        Args:
            name: The endpoint's name.
            changes: DesiredWeightsAndCapacities, as in UpdateEndpointWeightsAndCapacities.

        Raises:
            SageMakerError: The endpoint or the variant does not exist, or a change is in progress.
        """
        endpoint = self.endpoints.get(name)
        self._check_settled(endpoint)
        fleet = self._serving_fleet(endpoint)
        wanted = wanted_properties(fleet, changes)
        self._claim(endpoint, "Updating", serving=fleet)
        _in_background(change_capacity, endpoint, fleet, wanted)
        return endpoint

    def delete(self, name: str) -> HostedEndpoint:
        """Deletes an endpoint in the background; its process has ended when it has settled.

        Raises:
            SageMakerError: The endpoint does not exist, or a change is in progress.
        """
        endpoint = self.endpoints.get(name)
        self._claim(endpoint, "Deleting")
        _in_background(self._delete, endpoint)
        return endpoint

    @contextmanager
    def lease(self, name: str) -> Iterator[EndpointLease]:
        """Yields an endpoint for one invocation; its process is not stopped before the invocation ends.

        Raises:
            LookupError: The endpoint does not exist or has not been in service yet.
            ContainerDownError: No process of its fleet listens.
        """
        endpoint = next((endpoint for endpoint in self.endpoints.all() if endpoint.name == name), None)
        if endpoint is None:
            raise LookupError(name)
        with endpoint.lease() as lease:
            yield lease

    def close(self) -> None:
        """Ends all serving processes, those that are starting included, without waiting for invocations."""
        self._updates.stop()
        self._launcher.close()

    def _claim(self, endpoint: HostedEndpoint, status: str, *, serving: Fleet | None = None) -> None:
        """Begins a change of an endpoint.

        Args:
            endpoint: The endpoint.
            status: Its status during the change.
            serving: The fleet from which the change was planned; None for a change that needs none.

        Raises:
            InProgressError: Another change is in progress, or has ended since the endpoint was read.
        """
        with self._changing:
            self._check_settled(endpoint)
            is_replaced = self.endpoints.get(endpoint.name) is not endpoint
            if is_replaced or (serving and endpoint.fleet is not serving):
                raise InProgressError(self.endpoints.arn(endpoint.name))
            endpoint.begin(status)

    def _serving_fleet(self, endpoint: HostedEndpoint) -> Fleet:
        if endpoint.fleet is None:
            # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
            raise invalid(f'Cannot update failed endpoint "{self.endpoints.arn(endpoint.name)}".')
        return endpoint.fleet

    def _check_settled(self, endpoint: HostedEndpoint) -> None:
        if endpoint.is_changing:
            raise InProgressError(self.endpoints.arn(endpoint.name))

    def _create(self, endpoint: HostedEndpoint, fleet: Fleet) -> None:
        try:
            fleet.start(fleet.properties.instance_count, limit=math.inf)
        except START_ERRORS as error:
            logger.error("Endpoint %s failed: %s", endpoint.name, error)  # noqa: TRY400 - no traceback
            fleet.stop()
            endpoint.settle("Failed", failure=str(error))
        else:
            endpoint.replace_fleet()
            endpoint.settle("InService")

    def _delete(self, endpoint: HostedEndpoint) -> None:
        if fleet := endpoint.withdraw_fleet():
            fleet.stop()
        self.endpoints.remove(endpoint.name)
        endpoint.settle("Deleting")

    def _new_fleet(self, name: str, config: SageMakerResource, properties: VariantProperties) -> Fleet:
        model, assume = self.models.of(config), self.models.assume_role
        return Fleet(
            config,
            properties=properties,
            launch=lambda limit: self._launcher.start(name, config, model, assume, limit=limit),
            stop=self._launcher.stop,
        )


def _in_background(
    target: Callable[..., None], endpoint: HostedEndpoint, *arguments: object, **options: object
) -> None:
    """Runs a change of an endpoint in a thread; the endpoint settles, whatever happens.

    CloudFormation and all later calls wait for the end of the change.
    """

    def run() -> None:
        try:
            target(endpoint, *arguments, **options)
        except Exception:
            logger.exception("The change of endpoint %s has failed.", endpoint.name)
            if endpoint.pending:
                endpoint.activate(0)
                endpoint.pending.fleet.stop()
            endpoint.settle("InService" if endpoint.fleet else "Failed", failure=_INTERNAL)

    threading.Thread(target=run, daemon=True).start()
