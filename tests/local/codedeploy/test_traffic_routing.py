import pytest

from local.codedeploy.traffic_routing import PREDEFINED, Step, canary, linear, steps


def test_a_canary_has_two_steps() -> None:
    assert steps(PREDEFINED["CodeDeployDefault.LambdaCanary10Percent10Minutes"]) == [
        Step(10, 600),
        Step(100, 0),
    ]
    assert steps(canary(25, 7)) == [Step(25, 420), Step(100, 0)]


def test_a_linear_shift_has_equal_steps_and_no_wait_after_the_last() -> None:
    assert steps(linear(40, 2)) == [Step(40, 120), Step(80, 120), Step(100, 0)]


@pytest.mark.parametrize("name", PREDEFINED)
def test_every_predefined_configuration_ends_with_all_traffic(name: str) -> None:
    assert steps(PREDEFINED[name])[-1] == Step(100, 0)
