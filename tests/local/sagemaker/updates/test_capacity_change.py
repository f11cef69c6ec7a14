"""UpdateEndpointWeightsAndCapacities on an endpoint whose serving processes run."""

from pathlib import Path
from typing import Any

import pytest

from local.sagemaker.api.endpoint_description import endpoint_description
from local.sagemaker.api.hosting_operations import hosting_operations
from local.sagemaker.api.sagemaker_api import SageMakerApi
from local.sagemaker.errors import SageMakerError
from tests.local.sagemaker.updates.running_endpoint import Load, Parts


def change(parts: Parts, *, variant: str = "primary", **properties: Any) -> Any:
    """Calls the operation; returns the endpoint when it has settled."""
    SageMakerApi(hosting_operations(parts.hosting)).call(
        "UpdateEndpointWeightsAndCapacities",
        {
            "EndpointName": "endpoint",
            "DesiredWeightsAndCapacities": [{"VariantName": variant, **properties}],
        },
    )
    endpoint = parts.hosting.endpoints.get("endpoint")
    assert endpoint.settled.wait(120)
    return endpoint


def counts(endpoint: Any) -> tuple[int, int]:
    [variant] = endpoint_description(endpoint, arn="arn")["ProductionVariants"]
    return variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]


def test_instances_are_started_and_stopped_and_no_request_is_lost(parts: Parts) -> None:
    with Load(parts.hosting) as load:
        load.more()
        grown = counts(change(parts, DesiredInstanceCount=3))
        load.more()
        shrunk = counts(change(parts, DesiredInstanceCount=1))
        load.more()

    assert (grown, shrunk) == ((3, 3), (1, 1))
    assert load.failures == []
    assert parts.statuses() == ["CREATING", "IN_SERVICE", *["UPDATING", "IN_SERVICE"] * 2]


def test_an_endpoint_without_the_new_instances_rolls_back_to_its_old_number(
    parts: Parts, tmp_path: Path
) -> None:
    # Given a model that can no longer be loaded
    gate = tmp_path / "gate"
    gate.touch()
    parts.behaviours["one"]["fails_while"] = str(gate)

    endpoint = change(parts, DesiredInstanceCount=3)

    assert counts(endpoint) == (2, 2)
    assert (endpoint.status, "ping health check" in endpoint.failure) == ("InService", True)
    assert parts.statuses()[-3:] == ["UPDATING", "ROLLING_BACK", "IN_SERVICE"]


def test_an_update_keeps_the_changed_number_of_instances(parts: Parts) -> None:
    change(parts, DesiredInstanceCount=3, DesiredWeight=2.0)

    endpoint = parts.hosting.update(
        "endpoint", parts.configure("two", instances=1), options={"RetainAllVariantProperties": True}
    )

    assert endpoint.settled.wait(120)
    assert counts(endpoint) == (3, 3)
    assert (endpoint.config.name, endpoint.fleet.properties.weight) == ("two", 2.0)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("variant", "count", "message"),
    [
        ("other", 1, 'Could not find variant "other": the endpoint\'s one variant is primary.'),
        ("primary", 0, "DesiredInstanceCount of variant primary must be at least 1."),
    ],
)
def test_a_wrong_request_is_refused(parts: Parts, variant: str, count: int, message: str) -> None:
    with pytest.raises(SageMakerError) as caught:
        change(parts, variant=variant, DesiredInstanceCount=count)

    assert caught.value.message == message


def test_an_endpoint_that_is_being_changed_cannot_be_changed(parts: Parts) -> None:
    parts.hosting.endpoints.get("endpoint").begin("Updating")

    with pytest.raises(SageMakerError, match="Cannot update in-progress endpoint"):
        change(parts, DesiredInstanceCount=3)
