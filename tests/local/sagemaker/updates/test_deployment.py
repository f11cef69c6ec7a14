"""Blue/green deployments: steps, bakes, rollbacks, with fleets without processes and a clock of the test."""

import pytest

from local.sagemaker.hosting.errors import ContainerError
from local.sagemaker.updates.update_policy import UpdatePolicy
from tests.local.sagemaker.updates.parts import FakeInstance, Update

ALL_AT_ONCE = UpdatePolicy(kind="ALL_AT_ONCE", steps=[4], termination_wait=300)
CANARY = UpdatePolicy(kind="CANARY", steps=[1, 4], wait=600, termination_wait=300)
LINEAR = UpdatePolicy(kind="LINEAR", steps=[1, 2, 3, 4], wait=120, termination_wait=60)


@pytest.fixture
def canary() -> Update:
    update = Update(CANARY)
    update.old.start(4, limit=1)
    return update


@pytest.mark.parametrize(
    ("policy", "shares", "seconds"),
    [
        (ALL_AT_ONCE, [1.0], 300),
        (CANARY, [0.25, 1.0], 900),
        (LINEAR, [0.25, 0.5, 0.75, 1.0], 3 * 120 + 60),
    ],
    ids=["all at once", "canary", "linear"],
)
def test_traffic_moves_by_capacity_and_bakes_after_each_step(
    policy: UpdatePolicy, shares: list[float], seconds: int
) -> None:
    update = Update(policy)
    update.old.start(4, limit=1)

    assert update.run() == ""

    assert update.shares() == shares
    assert update.clock.seconds == seconds
    assert (update.endpoint.fleet, update.endpoint.config.name) == (update.new, "new")
    assert (update.old.instance_count, update.new.instance_count) == (0, 4)


def test_the_stages_have_the_messages_of_sagemaker(canary: Update) -> None:
    canary.run()

    assert [(status, message) for status, message, _ in canary.stages] == [
        ("Creating", "Launching 4 instance(s)."),
        ("ActivatingTraffic", "Activating traffic on canary capacity of 1 instance(s)."),
        (
            "Baking",
            (
                "Baking for 600 seconds (WaitIntervalInSeconds) with traffic enabled on canary capacity of "
                "1 instance(s)."
            ),
        ),
        ("ActivatingTraffic", "Activating traffic on full capacity of 4 instance(s)."),
        (
            "Baking",
            (
                "Baking for 300 seconds (TerminationWaitInSeconds) with traffic enabled on full capacity of "
                "4 instance(s)."
            ),
        ),
    ]


def test_both_fleets_have_all_their_instances_until_the_end(canary: Update) -> None:
    canary.run()

    assert canary.instances == [(4, 0), (4, 4), (4, 4), (4, 4), (4, 4)]


@pytest.mark.parametrize("minute", [0, 5, 10, 12, 15], ids=lambda minute: f"after {minute} minutes")
def test_an_alarm_at_any_time_of_a_bake_returns_all_traffic(canary: Update, minute: int) -> None:
    def trip() -> None:
        if canary.clock.seconds >= 60 * minute:
            canary.alarms.tripped = ["errors"]

    canary.clock.during_wait = trip
    trip()

    reason = canary.run()

    assert reason == (
        "The deployment was rolled back because of alarms of its AutoRollbackConfiguration in ALARM state: "
        "errors."
    )
    assert canary.clock.seconds == 60 * minute
    assert canary.stages[-1] == ("Deleting", "Terminating 4 instance(s).", 0.0)
    assert (canary.endpoint.fleet, canary.endpoint.config.name) == (canary.old, "old")
    assert (canary.old.instance_count, canary.new.instance_count) == (4, 0)


def test_alarms_are_read_every_ten_seconds_of_a_bake(canary: Update) -> None:
    canary.run()

    assert canary.alarms.readings == 900 / 10 + 2


def test_a_new_fleet_that_does_not_start_never_gets_traffic() -> None:
    def launch(_limit: float) -> FakeInstance:
        raise ContainerError("it did not pass the ping health check")

    update = Update(CANARY, launch=launch)
    update.old.start(4, limit=1)

    assert update.run() == "it did not pass the ping health check"

    assert {share for _, _, share in update.stages} == {0.0}
    assert (update.endpoint.fleet, update.old.instance_count) == (update.old, 4)


def test_the_instances_that_did_start_are_ended_when_one_did_not() -> None:
    starts = iter([FakeInstance(), FakeInstance(), None, FakeInstance()])

    def launch(_limit: float) -> FakeInstance:
        if instance := next(starts):
            return instance
        raise ContainerError("one of four")

    update = Update(CANARY, launch=launch)
    update.old.start(4, limit=1)

    assert update.run() == "one of four"

    assert update.stages[-1][:2] == ("Deleting", "Terminating 3 instance(s).")
    assert update.new.instance_count == 0


def test_a_deployment_over_its_maximum_execution_time_is_rolled_back() -> None:
    update = Update(UpdatePolicy(kind="CANARY", steps=[1, 4], wait=600, termination_wait=300, timeout=700))
    update.old.start(4, limit=1)

    reason = update.run()

    assert "MaximumExecutionTimeoutInSeconds of 700 seconds" in reason
    assert update.clock.seconds == 700
    assert (update.endpoint.fleet, update.new.instance_count) == (update.old, 0)


def test_a_start_may_take_no_longer_than_the_maximum_execution_time() -> None:
    limits: list[float] = []

    def launch(limit: float) -> FakeInstance:
        limits.append(limit)
        update.clock.seconds += limit
        raise ContainerError("not healthy in time")

    update = Update(UpdatePolicy(kind="ALL_AT_ONCE", steps=[1], timeout=600), old=1, new=1, launch=launch)
    update.old.start(1, limit=1)

    reason = update.run()

    assert limits == [600]
    assert "MaximumExecutionTimeoutInSeconds of 600 seconds" in reason
