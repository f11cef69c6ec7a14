"""Plans of updates: which properties and which deployment configuration an update retains."""

from typing import Any

import pytest

from local.sagemaker.errors import SageMakerError
from local.sagemaker.fleets.fleet import Fleet
from local.sagemaker.fleets.variant_properties import VariantProperties
from local.sagemaker.updates.update_plan import plan_update
from tests.local.sagemaker.updates.parts import config, fleet_of

WANTED = config("new", InitialInstanceCount=2, InitialVariantWeight=0.5)
CANARY = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
            "WaitIntervalInSeconds": 60,
        }
    }
}


@pytest.fixture
def scaled() -> Fleet:
    """A fleet that autoscaling has scaled to five instances."""
    return fleet_of("old", 5)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, VariantProperties(2, 0.5)),
        ({"RetainAllVariantProperties": False}, VariantProperties(2, 0.5)),
        ({"RetainAllVariantProperties": True}, VariantProperties(5, 1.0)),
        (
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredInstanceCount"}],
            },
            VariantProperties(2, 1.0),
        ),
        (
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [
                    {"VariantPropertyType": "DesiredWeight"},
                    {"VariantPropertyType": "DataCaptureConfig"},
                ],
            },
            VariantProperties(5, 0.5),
        ),
        (
            {"ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}]},
            VariantProperties(2, 0.5),
        ),
    ],
)
def test_an_update_retains_the_properties_that_are_not_excluded(
    scaled: Fleet, options: dict[str, Any], expected: VariantProperties
) -> None:
    assert plan_update(scaled, WANTED, options, last=None).properties == expected


def test_a_canary_is_measured_by_the_retained_number_of_instances() -> None:
    one = fleet_of("old", 1)
    options = {"RetainAllVariantProperties": True, "DeploymentConfig": CANARY}

    with pytest.raises(SageMakerError, match="CanarySize must be at most 50%"):
        plan_update(one, WANTED, options, last=None)


def test_the_last_deployment_configuration_is_reused_only_on_request(scaled: Fleet) -> None:
    retained = plan_update(scaled, WANTED, {"RetainDeploymentConfig": True}, last=CANARY)
    not_retained = plan_update(scaled, WANTED, {}, last=CANARY)

    assert (retained.policy.kind, retained.deployment) == ("CANARY", CANARY)
    assert (not_retained.policy.kind, not_retained.deployment) == ("ALL_AT_ONCE", None)


def test_a_deployment_to_a_variant_of_another_name_is_refused(scaled: Fleet) -> None:
    renamed = config("new", VariantName="other", InitialInstanceCount=2)

    with pytest.raises(SageMakerError, match="must have the same variant name"):
        plan_update(scaled, renamed, {"DeploymentConfig": CANARY}, last=None)


def test_instances_cannot_become_serverless(scaled: Fleet) -> None:
    serverless = config("new", ServerlessConfig={"MemorySizeInMB": 2048, "MaxConcurrency": 1})

    with pytest.raises(SageMakerError, match="cannot be updated to a serverless one"):
        plan_update(scaled, serverless, {}, last=None)


@pytest.mark.parametrize("change", [{"InstanceType": "ml.m5.xlarge"}, {"VariantName": "other"}])
def test_a_scaled_variant_keeps_its_name_and_instance_type(scaled: Fleet, change: dict[str, str]) -> None:
    message = r'The variant\(s\) "\[primary\]" must be deregistered as scalable targets'

    with pytest.raises(SageMakerError, match=message):
        plan_update(scaled, config("new", **change), {}, last=None, scaled={"primary"})

    plan_update(scaled, config("new", **change), {}, last=None)
    plan_update(scaled, config("new", ModelName="newer"), {}, last=None, scaled={"primary"})
