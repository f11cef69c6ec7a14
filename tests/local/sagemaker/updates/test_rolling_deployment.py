"""Rolling deployments: batches there and back, with fleets without processes and a clock of the test."""

import pytest

from local.sagemaker.hosting.errors import ContainerError
from local.sagemaker.updates.deployment import RollbackFailedError
from local.sagemaker.updates.update_policy import UpdatePolicy
from tests.local.sagemaker.updates.parts import FakeInstance, Update

ROLLING = UpdatePolicy(kind="ROLLING", steps=[1, 2, 3, 4], wait=60, rollback_size=2)


def trip_in_batch(update: Update, batch: int) -> None:
    """Sets an alarm in the bake of a batch."""

    def trip() -> None:
        if update.new.instance_count == batch:
            update.alarms.tripped = ["errors"]

    update.clock.during_wait = trip


def test_each_batch_replaces_as_many_old_instances() -> None:
    update = Update(ROLLING)
    update.old.start(4, limit=1)

    assert update.run() == ""

    bakes = [
        counts
        for counts, (status, _, _) in zip(update.instances, update.stages, strict=True)
        if status == "Baking"
    ]
    assert bakes == [(4, 1), (3, 2), (2, 3), (1, 4)]
    assert update.shares() == [0.25, 0.5, 0.75, 1.0]
    assert update.clock.seconds == 4 * 60
    assert (update.old.instance_count, update.new.instance_count) == (0, 4)


def test_a_rollback_starts_the_ended_instances_again() -> None:
    update = Update(ROLLING)
    update.old.start(4, limit=1)
    trip_in_batch(update, 3)

    reason = update.run()

    assert "ALARM state: errors" in reason
    assert (update.old.instance_count, update.new.instance_count) == (4, 0)
    assert (update.endpoint.fleet, update.endpoint.config.name) == (update.old, "old")


def test_a_failed_rollback_leaves_instances_of_both_configurations_in_service() -> None:
    starts = iter([FakeInstance()] * 4)

    def relaunch(_limit: float) -> FakeInstance:
        if instance := next(starts, None):
            return instance
        raise ContainerError("no more instances")

    update = Update(ROLLING, relaunch=relaunch)
    update.old.start(4, limit=1)
    trip_in_batch(update, 3)

    with pytest.raises(RollbackFailedError, match=r"ALARM state: errors.* The rollback failed: no more"):
        update.run()

    assert update.endpoint.fleet is update.old
    assert update.old.instance_count == 2 + 3
