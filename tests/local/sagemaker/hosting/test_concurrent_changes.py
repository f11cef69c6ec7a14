"""Changes of one endpoint at the same time, and changes that fail unexpectedly."""

from pathlib import Path
from typing import Any

import pytest

from local.sagemaker.errors import SageMakerError
from local.sagemaker.execution_role import ExecutionRole
from local.sagemaker.fleets.launcher import ContainerLauncher
from local.sagemaker.hosting.endpoint import HostedEndpoint
from local.sagemaker.hosting.hosting import SageMakerHosting
from local.sagemaker.resource_collection import Catalog, SageMakerResource
from tests.local.iam.roles import MODEL_ROLE
from tests.local.sagemaker.hosting.conftest import Configure
from tests.local.sagemaker.quick_hosting import make_hosting
from tests.local.sagemaker.updates.parts import fleet_of

_SETTLE_SECONDS = 60.0


def version_of(hosting: SageMakerHosting) -> str:
    """Returns the configuration that serves."""
    with hosting.lease("endpoint") as lease:
        return lease.config.name


@pytest.mark.parametrize("other", ["update", "delete and create"])
def test_an_update_is_refused_when_another_change_has_ended_since_it_was_planned(
    hosting: SageMakerHosting, configure: Configure, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosting.create("endpoint", configure("one")).settled.wait(_SETTLE_SECONDS)
    configure("two")
    configure("three")
    assume = hosting.models.assume_role

    def change_meanwhile(model: SageMakerResource) -> ExecutionRole:
        # An update assumes the role after it has read the fleet that serves.
        monkeypatch.setattr(hosting.models, "assume_role", assume)
        if other == "update":
            hosting.update("endpoint", "three").settled.wait(_SETTLE_SECONDS)
        else:
            hosting.delete("endpoint").settled.wait(_SETTLE_SECONDS)
            hosting.create("endpoint", "three").settled.wait(_SETTLE_SECONDS)
        return assume(model)

    monkeypatch.setattr(hosting.models, "assume_role", change_meanwhile)

    with pytest.raises(SageMakerError, match="Cannot update in-progress endpoint"):
        hosting.update("endpoint", "two")

    assert version_of(hosting) == "three"


def test_who_sees_that_an_endpoint_is_in_service_can_begin_a_change(
    hosting: SageMakerHosting, configure: Configure
) -> None:
    endpoint = hosting.create("endpoint", configure("one"))
    announce = endpoint.announce
    begun: list[HostedEndpoint] = []

    def change_at_once(announced: HostedEndpoint) -> None:
        announce(announced)
        if announced.status == "InService" and not begun:
            begun.append(hosting.change_capacity("endpoint", [{"VariantName": "primary"}]))

    endpoint.announce = change_at_once

    assert endpoint.settled.wait(_SETTLE_SECONDS)
    assert (begun, endpoint.status) == ([endpoint], "InService")


def test_the_end_of_a_change_does_not_settle_an_endpoint_whose_next_change_has_begun() -> None:
    def begin_again(announced: HostedEndpoint) -> None:
        if announced.status == "InService":
            announced.begin("Updating")

    endpoint = HostedEndpoint(name="endpoint", config=fleet_of("one", 1).config, announce=begin_again)

    endpoint.settle("InService")

    assert (endpoint.status, endpoint.settled.is_set()) == ("Updating", False)


def test_an_endpoint_settles_after_an_error_that_nobody_has_foreseen(tmp_path: Path) -> None:
    def fetch(_s3: object, _url: str, _target: Path) -> None:
        raise KeyError("unforeseen")

    hosting = make_hosting(
        ContainerLauncher(folder=tmp_path, command=["true"], environment={}, download=fetch)
    )
    container = {"ModelDataUrl": "s3://models/one"}
    request: dict[str, Any] = {"ExecutionRoleArn": MODEL_ROLE, "PrimaryContainer": container}
    hosting.models.add(SageMakerResource(name="one", request=request))
    hosting.configs.add(SageMakerResource(name="one", request={"ProductionVariants": [{"ModelName": "one"}]}))

    endpoint = hosting.create("endpoint", "one")

    assert endpoint.settled.wait(_SETTLE_SECONDS)
    assert (endpoint.status, endpoint.failure) == (
        "Failed",
        "InternalServerError: We encountered an internal error. Please try again.",
    )
    # It can be deleted, and its name used again.
    hosting.delete("endpoint").settled.wait(_SETTLE_SECONDS)
    assert hosting.endpoints.all() == []


def test_an_unforeseen_error_of_an_update_leaves_the_old_fleet_serving(
    hosting: SageMakerHosting, configure: Configure, archives: dict[str, bytes]
) -> None:
    endpoint = hosting.create("endpoint", configure("one"))
    endpoint.settled.wait(_SETTLE_SECONDS)
    name = configure("two")
    # The download of the test raises tarfile's error for it, which no caller expects.
    archives["s3://models/two"] = b"no archive"

    hosting.update("endpoint", name)

    assert endpoint.settled.wait(_SETTLE_SECONDS)
    assert (endpoint.status, endpoint.config.name) == ("InService", "one")
    assert "InternalServerError" in endpoint.failure
    assert version_of(hosting) == "one"


def test_a_resource_is_removed_once() -> None:
    catalog = Catalog[SageMakerResource](noun="model", path="model")
    catalog.add(SageMakerResource(name="one", request={}))

    catalog.remove("one")

    with pytest.raises(SageMakerError, match="Could not find model"):
        catalog.remove("one")
