"""Endpoint with two fleets: which of them serves an invocation."""

import pytest

from local.sagemaker.hosting.endpoint import HostedEndpoint
from local.sagemaker.updates.pending_deployment import PendingDeployment
from tests.local.sagemaker.updates.parts import config, fleet_of


def serving(endpoint: HostedEndpoint, chosen: float) -> str:
    """Returns the configuration of the fleet that serves an invocation."""
    endpoint.choose = lambda: chosen
    with endpoint.lease() as lease:
        return lease.config.name


@pytest.mark.parametrize(
    ("active", "chosen", "expected"),
    [(0, 0.0, "old"), (1, 0.24, "new"), (1, 0.25, "old"), (2, 0.49, "new"), (4, 0.99, "new")],
)
def test_an_invocation_goes_to_the_new_fleet_by_its_share_of_the_capacity(
    active: int, chosen: float, expected: str
) -> None:
    old, new = fleet_of("old", 4), fleet_of("new", 4)
    for fleet in (old, new):
        fleet.start(4, limit=1)
    pending = PendingDeployment(fleet=new, active=active)
    endpoint = HostedEndpoint(name="endpoint", config=old.config, fleet=old, pending=pending)

    assert serving(endpoint, chosen) == expected


def test_an_endpoint_that_is_being_created_serves_nothing() -> None:
    fleet = fleet_of("new", 1)
    fleet.start(1, limit=1)
    endpoint = HostedEndpoint(name="endpoint", config=config("new"), pending=PendingDeployment(fleet=fleet))

    with pytest.raises(LookupError, match="endpoint"):
        serving(endpoint, 0.0)
