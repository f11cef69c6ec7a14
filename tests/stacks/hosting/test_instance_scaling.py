"""Instances of an endpoint: their number, what scales them, and how many requests each can answer."""

import re

import pytest

from stacks.hosting.instance_scaling import InstanceCapacity
from stacks.settings.settings import ROOT
from tests.stacks.support.synthesis import Stacks, Synthesis, Synthesizer

ENDPOINT = "AWS::SageMaker::Endpoint"
SCALING = "AWS::ApplicationAutoScaling"


def test_a_fixed_instance_count_is_applied_to_a_running_endpoint(stack: Synthesis) -> None:
    endpoint = stack.properties(ENDPOINT)

    assert endpoint["RetainAllVariantProperties"] is True
    assert endpoint["ExcludeRetainedVariantProperties"] == [{"VariantPropertyType": "DesiredInstanceCount"}]
    assert not [name for name in stack.template["Resources"].values() if name["Type"].startswith(SCALING)]


def test_an_update_retains_the_autoscaled_instance_count(stacks: Stacks) -> None:
    endpoint = stacks("prod", "realtime").properties(ENDPOINT)

    assert endpoint["RetainAllVariantProperties"] is True
    assert "ExcludeRetainedVariantProperties" not in endpoint


def test_instances_follow_the_requests_between_the_two_counts(synthesizer: Synthesizer) -> None:
    synthesis = synthesizer.one(instance_count="2", max_instance_count="7")

    _, target = synthesis.only(f"{SCALING}::ScalableTarget")
    policy = synthesis.properties(f"{SCALING}::ScalingPolicy")["TargetTrackingScalingPolicyConfiguration"]
    endpoint, _ = synthesis.only(ENDPOINT)
    assert (target["Properties"]["MinCapacity"], target["Properties"]["MaxCapacity"]) == (2, 7)
    # The attribute instead of the name, so that scaling depends on the endpoint.
    assert target["Properties"]["ResourceId"]["Fn::Join"][1] == [
        "endpoint/",
        {"Fn::GetAtt": [endpoint, "EndpointName"]},
        "/variant/primary",
    ]
    assert policy["PredefinedMetricSpecification"]["PredefinedMetricType"] == (
        "SageMakerVariantConcurrentRequestsPerModelHighResolution"
    )
    # Half of the 16 requests at once that `make bench` measures on one core, on two of them.
    assert policy["TargetValue"] == 16


@pytest.mark.parametrize(
    ("instance_type", "concurrency", "rate"),
    [
        ("ml.m5.large", 16, 19_000),
        ("ml.m5.xlarge", 32, 38_000),
        # The front process of a container does not answer more.
        ("ml.m5.12xlarge", 32, 38_000),
    ],
)
def test_the_capacity_of_an_instance_is_half_of_the_measured_one_of_its_cores(
    instance_type: str, concurrency: int, rate: int
) -> None:
    capacity = InstanceCapacity(instance_type=instance_type)

    assert (capacity.concurrency, capacity.requests_per_second) == (concurrency, rate)


def test_the_capacity_follows_the_benchmark() -> None:
    results = (ROOT / "benchmarks" / "results" / "serving.md").read_text()
    table = results.partition("| connections | 1: requests/s | 16: requests/s |")[2]
    [measured] = re.findall(
        r"^\| this project \| [^|]* \| ([\d,]+) ", table.partition("\n\n")[0], re.MULTILINE
    )
    cores = 2
    capacity = InstanceCapacity(instance_type="ml.m5.large").requests_per_second / cores

    # AWS's safety factor is a half, of six tenths of what is measured with requests of one head.
    assert 0.27 <= capacity / int(measured.replace(",", "")) <= 0.33


def test_the_saturation_alarm_is_at_three_times_the_target(stack: Synthesis) -> None:
    alarm = stack.by_path("Model/Saturation/Resource")["Properties"]

    assert alarm["Threshold"] == 3 * 16
