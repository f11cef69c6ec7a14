"""Target tracking policies: capacities, cooldowns and alarms."""

from typing import Any

import pytest

from local.cloudwatch.alarms.metric_alarm import MetricAlarm
from local.emulator.scaling.scaling_activity import ScalingActivity
from local.emulator.scaling.target_tracking import TargetTrackingPolicy

CONCURRENCY = "SageMakerVariantConcurrentRequestsPerModelHighResolution"
INVOCATIONS = "SageMakerVariantInvocationsPerInstance"


def make_policy(*, metric: str = CONCURRENCY, kind: str = "TargetTrackingScaling", **settings: Any) -> Any:
    properties = {
        "PolicyName": "policy",
        "PolicyType": kind,
        "TargetTrackingScalingPolicyConfiguration": {
            "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
            "TargetValue": 10,
            "ScaleOutCooldown": 60,
            "ScaleInCooldown": 300,
            **settings,
        },
    }
    return TargetTrackingPolicy.from_properties(properties, resource_id="endpoint/e/variant/primary")


def activity(before: int, after: int, *, ended: float | None = 100.0) -> ScalingActivity:
    return ScalingActivity(before=before, after=after, cause="", started=0.0, ended=ended)


@pytest.mark.parametrize(
    ("capacity", "value", "wanted"), [(2, 10.1, 3), (2, 15, 3), (2, 30, 6), (3, 10 / 3 * 4, 4)]
)
def test_capacity_is_added_in_proportion_to_the_metric(capacity: int, value: float, wanted: int) -> None:
    assert make_policy().scale_out(capacity, value, last=None, now=0) == wanted


@pytest.mark.parametrize(("capacity", "value", "wanted"), [(4, 5, 2), (4, 8.9, 4), (4, 0.1, 1), (2, 20, 2)])
def test_capacity_is_removed_in_proportion_to_the_metric(capacity: int, value: float, wanted: int) -> None:
    assert make_policy().scale_in(capacity, value, last=None, now=0) == wanted


@pytest.mark.parametrize(("now", "wanted"), [(159, 4), (160, 8)])
def test_added_capacity_counts_as_part_of_the_next_scale_out_until_the_cooldown_ends(
    now: float, wanted: int
) -> None:
    assert make_policy().scale_out(4, 20, last=activity(2, 4), now=now) == wanted


def test_a_larger_scale_out_does_not_wait_for_the_cooldown() -> None:
    assert make_policy().scale_out(4, 30, last=activity(2, 4), now=101) == 6


@pytest.mark.parametrize(("now", "wanted"), [(399, 4), (400, 2)])
def test_a_scale_in_waits_for_the_cooldown_of_the_last_one(now: float, wanted: int) -> None:
    assert make_policy().scale_in(4, 5, last=activity(8, 4), now=now) == wanted


def test_a_scale_out_interrupts_the_cooldown_of_a_scale_in() -> None:
    assert make_policy().scale_out(2, 20, last=activity(4, 2), now=101) == 4


def test_a_policy_can_disable_scale_in() -> None:
    assert make_policy(DisableScaleIn=True).scale_in(4, 1, last=None, now=0) == 4


@pytest.mark.parametrize(
    ("metric", "name", "statistic", "period", "low"),
    [
        (CONCURRENCY, "ConcurrentRequestsPerModel", "Maximum", 10, 90),
        (INVOCATIONS, "InvocationsPerInstance", "Sum", 60, 15),
    ],
)
def test_a_policy_has_an_alarm_above_its_target_and_one_below(
    metric: str, name: str, statistic: str, period: int, low: int
) -> None:
    high_record, low_record = make_policy(metric=metric).alarms(now=0)

    alarms = [MetricAlarm.from_record(record) for record in (high_record, low_record)]
    assert [(alarm.evaluation_periods, alarm.threshold) for alarm in alarms] == [(3, 10), (low, 9)]
    assert [alarm.comparison for alarm in alarms] == ["GreaterThanThreshold", "LessThanThreshold"]
    for alarm in alarms:
        assert alarm.series[:2] == ("AWS/SageMaker", name)
        assert (alarm.statistic, alarm.period) == (statistic, period)


@pytest.mark.parametrize(
    "wrong", [{"kind": "StepScaling"}, {"metric": "ECSServiceAverageCPUUtilization"}], ids=str
)
def test_another_policy_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="Policy policy: AWS on this machine scales by PolicyType Target"):
        make_policy(**wrong)
