"""Fleets: start of several instances, routing among healthy ones, end."""

import pytest

from local.sagemaker.hosting.errors import ContainerDownError, ContainerError
from tests.local.sagemaker.updates.parts import FakeInstance, fleet_of


def test_a_fleet_starts_as_many_instances_as_it_is_told_to() -> None:
    fleet = fleet_of("config", 3)

    fleet.start(3, limit=1)

    assert fleet.instance_count == 3


def test_an_instance_that_does_not_start_is_an_error_and_the_others_stay() -> None:
    launches = iter([FakeInstance(), None, FakeInstance()])

    def launch(_limit: float) -> FakeInstance:
        if instance := next(launches):
            return instance
        raise ContainerError("not healthy")

    fleet = fleet_of("config", 3, launch=launch)

    with pytest.raises(ContainerError, match="not healthy"):
        fleet.start(3, limit=1)

    assert fleet.instance_count == 2


def test_every_healthy_instance_gets_invocations_and_no_other() -> None:
    instances = [FakeInstance(), FakeInstance(is_down=True), FakeInstance()]
    launches = iter(instances)
    fleet = fleet_of("config", 3, launch=lambda _: next(launches))
    fleet.start(3, limit=1)

    leased = set()
    for _ in range(200):
        with fleet.lease() as (instance, _port):
            leased.add(id(instance))

    assert leased == {id(instances[0]), id(instances[2])}


def test_a_fleet_without_healthy_instance_is_down() -> None:
    fleet = fleet_of("config", 1, launch=lambda _: FakeInstance(is_down=True))
    fleet.start(1, limit=1)

    with pytest.raises(ContainerDownError), fleet.lease():
        pass


def test_a_part_of_the_instances_or_all_of_them_are_ended() -> None:
    fleet = fleet_of("config", 3)
    fleet.start(3, limit=1)

    fleet.stop(1)
    remaining = fleet.instance_count
    fleet.stop()

    assert (remaining, fleet.instance_count) == (2, 0)
