"""Application Auto Scaling by alarms, without instances: the clock is the test's."""

import pytest
from ministack.services import cloudwatch

from tests.local.emulator.scaling.scaled_variant import (
    FakeCapacity,
    ScaledVariant,
    policy_properties,
    target_properties,
)

pytestmark = pytest.mark.usefixtures("empty_cloudwatch")


@pytest.fixture
def capacity() -> FakeCapacity:
    return FakeCapacity(2)


@pytest.fixture
def scaled(capacity: FakeCapacity) -> ScaledVariant:
    """A variant of two to six instances with ten concurrent requests each."""
    scaled = ScaledVariant(capacity)
    target = scaled.scaling.register(target_properties(2, 6))
    scaled.scaling.put_policy(target.physical_id, policy_properties(10))
    return scaled


def test_three_datapoints_above_the_target_add_capacity(
    scaled: ScaledVariant, capacity: FakeCapacity
) -> None:
    scaled.load(20, periods=2)
    before = capacity.count
    scaled.load(20)

    assert (before, capacity.count) == (2, 4)


def test_a_single_peak_adds_none(scaled: ScaledVariant, capacity: FakeCapacity) -> None:
    for concurrent in (50, 5, 50, 5, 50, 5):
        scaled.load(concurrent)

    assert capacity.changes == []


def test_capacity_stays_within_the_bounds(scaled: ScaledVariant, capacity: FakeCapacity) -> None:
    scaled.load(100, periods=3)
    most = capacity.count
    scaled.load(0.1, periods=95)

    assert (most, capacity.count) == (6, 2)


def test_the_cooldown_of_a_scale_out_begins_when_it_has_ended(
    scaled: ScaledVariant, capacity: FakeCapacity
) -> None:
    # Given a scale-out whose instances take 50 seconds
    scaled.load(20, periods=3)
    capacity.count = None
    scaled.load(20, periods=5)
    capacity.count = 4

    # When the load of each instance stays, then the next scale-out waits for 60 seconds more
    scaled.load(14, periods=6)
    during = capacity.changes[:]
    scaled.load(14, periods=2)

    assert (during, capacity.changes) == ([4], [4, 6])


def test_15_minutes_below_nine_tenths_of_the_target_remove_capacity(
    scaled: ScaledVariant, capacity: FakeCapacity
) -> None:
    capacity.count = 4

    scaled.load(9.1, periods=95)
    near = capacity.changes[:]
    scaled.load(5, periods=89)
    early = capacity.changes[:]
    scaled.load(5)

    assert (near, early, capacity.changes) == ([], [], [2])


def test_a_variant_without_requests_keeps_its_capacity(scaled: ScaledVariant, capacity: FakeCapacity) -> None:
    """SageMaker sends no metric of zero, so nothing triggers the policy.

    https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-edit.html
    """
    capacity.count = 4

    for _ in range(120):
        scaled.pass_seconds()

    assert capacity.changes == []


def test_registration_brings_the_capacity_within_the_bounds(
    scaled: ScaledVariant, capacity: FakeCapacity
) -> None:
    target = scaled.scaling.register(target_properties(3, 6))
    low = capacity.count
    scaled.scaling.register(target_properties(1, 1))

    assert (low, capacity.count) == (3, 1)
    assert [activity.cause for activity in target.activities] == [
        "minimum capacity was set to 3",
        "maximum capacity was set to 1",
    ]


def test_an_activity_names_its_alarm_and_policy(scaled: ScaledVariant) -> None:
    scaled.load(20, periods=3)

    target = scaled.scaling.register(target_properties(2, 6))
    [activity] = target.activities
    [policy] = target.policies.values()
    assert str(activity) == (
        "Setting desired instance count to 4. Cause: monitor alarm "
        f"TargetTracking-endpoint/endpoint/variant/primary-AlarmHigh-{policy.id} in state ALARM triggered "
        "policy policy"
    )


def test_a_changed_policy_keeps_its_name_and_the_states_of_its_alarms(
    scaled: ScaledVariant, capacity: FakeCapacity
) -> None:
    target = scaled.scaling.register(target_properties(2, 6))
    [old] = target.policies.values()
    scaled.load(5, periods=3)

    new = scaled.scaling.put_policy(target.physical_id, policy_properties(4))

    assert new.arn == old.arn
    assert cloudwatch._alarms[new.high_alarm]["StateValue"] == "OK"
    scaled.load(5)
    assert capacity.changes == [3]


def test_a_deregistered_variant_keeps_its_capacity_and_has_no_alarms(
    scaled: ScaledVariant, capacity: FakeCapacity
) -> None:
    scaled.scaling.deregister(scaled.scaling.register(target_properties(2, 6)).physical_id)

    scaled.load(50, periods=5)

    assert (capacity.changes, list(cloudwatch._alarms)) == ([], [])


def test_the_deletion_of_an_endpoint_deregisters_its_variant(
    scaled: ScaledVariant, capacity: FakeCapacity
) -> None:
    capacity.is_there = False
    scaled.pass_seconds()

    assert list(cloudwatch._alarms) == []


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        (target_properties(3, 2), "Maximum capacity cannot be less than minimum capacity"),
        (target_properties(0, 2), "MinCapacity is 0"),
        (target_properties(1, 2, ServiceNamespace="ecs"), "scales the variants of SageMaker endpoints only"),
        (target_properties(1, 2, ResourceId="service/a"), "and not service/a"),
    ],
)
def test_another_target_is_refused(
    scaled: ScaledVariant, properties: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        scaled.scaling.register(properties)


def test_a_variant_that_does_not_exist_is_refused(scaled: ScaledVariant, capacity: FakeCapacity) -> None:
    capacity.is_there = False

    with pytest.raises(ValueError, match="There is no endpoint/endpoint/variant/primary"):
        scaled.scaling.register(target_properties(1, 2))
