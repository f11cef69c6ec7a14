"""Charges of every component, compared with manual calculations."""

import pytest

from stacks.costs.monthly_costs import MonthlyCosts
from stacks.costs.price_table import DEFAULT_TABLE, load_prices
from stacks.hosting.instance_scaling import InstanceCapacity
from stacks.storage.artifact_store import CAPTURE_RETENTION_DAYS
from tests.stacks.costs.round_prices import REQUESTS, ExampleSettings, table

# Dollars for one request; a MiB is 1/1024 GB.
INVOKER = {"realtime": 0.1 * 0.5 * 3, "serverless": 0.2 * 0.5 * 3, "lambda": 0.3 * 0.5 * 3}
EVERY_HOSTING = {"API Gateway": 6e-6, "Data transfer out": 7 / 1024}
MONITORING = {"CloudWatch alarms, dashboard, metrics": 2 * 10 + 11}
STANDING = {**MONITORING, "S3": 6.5, "ECR": 3.5}
# A function runs from a zip in S3, and needs no image.
STANDING_LAMBDA = {**MONITORING, "S3": (0.5 + 0.125) * 13}


@pytest.mark.parametrize(
    ("hosting", "per_request"),
    [
        (
            "realtime",
            {
                "SageMaker data": 2 / 1024 * 1,
                "Invoker Lambda": INVOKER["realtime"] + 5e-6,
                "CloudWatch logs": 1.5 / 1024 * (8 + 9),
            },
        ),
        (
            "serverless",
            {
                "SageMaker serverless inference": 0.05 * 1 * 2,
                "SageMaker data": 2 / 1024 * 1,
                "Invoker Lambda": INVOKER["serverless"] + 5e-6,
                "CloudWatch logs": 1.5 / 1024 * (8 + 9),
            },
        ),
        (
            "lambda",
            {
                "Model Lambda": 0.04 * 1 * 4 + 5e-6,
                "Invoker Lambda": INVOKER["lambda"] + 5e-6,
                "CloudWatch logs": 2 / 1024 * (8 + 9),
            },
        ),
    ],
)
def test_costs_of_one_request_a_second_are_the_sum_of_the_components(
    hosting: str, per_request: dict[str, float]
) -> None:
    monthly = MonthlyCosts(ExampleSettings(), table())

    idle = monthly.components(hosting, 0)
    used = monthly.components(hosting, 1)

    instances = {"SageMaker instances": 100 * 730.0} if hosting == "realtime" else {}
    standing = STANDING_LAMBDA if hosting == "lambda" else STANDING
    expected = {name: cost * REQUESTS for name, cost in (per_request | EVERY_HOSTING).items()}
    once_used = {"CloudWatch alarms, dashboard, metrics": 2 * 10 + 11 + 3 * 12}
    assert idle == pytest.approx(dict.fromkeys(expected, 0.0) | instances | standing)
    assert used == pytest.approx(expected | instances | standing | once_used)
    assert monthly.total(hosting, 1) == pytest.approx(sum(used.values()))


def test_each_instance_is_billed_by_the_hour() -> None:
    monthly = MonthlyCosts(ExampleSettings(instance_count=3, max_instance_count=3), table())

    assert monthly.components("realtime", 0)["SageMaker instances"] == pytest.approx(3 * 100 * 730)


@pytest.mark.parametrize(("rate", "instances"), [(0, 1), (10, 1), (10.5, 2), (20, 2), (31, 4)])
def test_an_instance_is_added_when_the_others_are_at_capacity(rate: float, instances: int) -> None:
    monthly = MonthlyCosts(ExampleSettings(), table(requests_per_second_per_vcpu=5))

    assert monthly.instances(rate) == instances
    assert monthly.components("realtime", rate)["SageMaker instances"] == pytest.approx(instances * 73000)


def test_the_memory_is_that_of_the_settings_or_else_of_the_assumptions() -> None:
    set_, assumed = (
        MonthlyCosts(ExampleSettings(memory_mb=memory), table(memory_mb=1024)).components("serverless", 1)
        for memory in (3072, None)
    )

    one_gigabyte = 0.05 * 2 * REQUESTS
    assert set_["SageMaker serverless inference"] == pytest.approx(3 * one_gigabyte)
    assert assumed["SageMaker serverless inference"] == pytest.approx(one_gigabyte)


def test_production_keeps_its_logs_twelve_times_as_long() -> None:
    logs = MonthlyCosts(ExampleSettings(stage="prod"), table()).components("realtime", 1)["CloudWatch logs"]

    assert logs == pytest.approx(1.5 / 1024 * (8 + 12 * 9) * REQUESTS)


def test_captured_data_is_billed_by_its_percentage() -> None:
    monthly = MonthlyCosts(ExampleSettings(data_capture_percent=10), table())

    assert monthly.components("realtime", 1)["Data capture"] == pytest.approx(
        0.1 * 1 / 1024 * 2 * 13 * REQUESTS
    )
    assert "Data capture" not in monthly.components("serverless", 1)


def test_a_function_also_writes_a_batch_of_captures_a_minute() -> None:
    captured = MonthlyCosts(ExampleSettings(data_capture_percent=10), table()).components("lambda", 1)

    stored, minutes = 0.1 * 1 / 1024 * 2 * 13 * REQUESTS, 730 * 60
    # One environment is kept, and 40 ms of each request are those of a further one.
    assert captured["Data capture"] == pytest.approx(stored + 21e-6 * minutes * (1 + 0.04))


@pytest.mark.parametrize(("monitor", "runs"), [("hourly", 730), ("daily", 730 / 24), ("weekly", 730 / 168)])
def test_the_monitor_is_billed_by_its_runs_and_alarms(monitor: str, runs: float) -> None:
    monthly = MonthlyCosts(ExampleSettings(monitor=monitor), table())

    assert monthly.components("lambda", 0)["Monitor"] == pytest.approx(
        runs * 10 * 4 + runs / 730 * 8 * 12 + 3 * 10
    )
    assert "Monitor" not in MonthlyCosts(ExampleSettings(), table()).components("lambda", 0)


@pytest.mark.parametrize("hosting", ["realtime", "serverless", "lambda"])
def test_a_firewall_costs_its_rules_and_each_request(hosting: str) -> None:
    monthly = MonthlyCosts(ExampleSettings(waf=True), table())

    assert monthly.components(hosting, 0)["WAF"] == pytest.approx(15 + 2 * 16)
    assert monthly.components(hosting, 1)["WAF"] == pytest.approx(15 + 2 * 16 + 17e-6 * REQUESTS)


@pytest.mark.parametrize("hosting", ["realtime", "serverless", "lambda"])
def test_the_kms_key_of_the_alarm_topic_is_billed_by_the_month(hosting: str) -> None:
    mailed, unmailed = (
        MonthlyCosts(ExampleSettings(alarm_email=email), table()) for email in ("team@example.com", None)
    )

    assert mailed.components(hosting, 0)["KMS"] == mailed.components(hosting, 10)["KMS"] == 18
    assert "KMS" not in unmailed.components(hosting, 0)


def test_detailed_observability_is_paid_for_by_instance() -> None:
    settings = ExampleSettings(instance_count=3, max_instance_count=3, detailed_observability=True)

    found = MonthlyCosts(settings, table()).components("realtime", 0)

    assert found["Detailed observability"] == 3 * 4 * 19
    assert "Detailed observability" not in MonthlyCosts(ExampleSettings(), table()).components("realtime", 0)


def test_the_price_table_assumes_what_the_stack_does() -> None:
    assumed = load_prices(DEFAULT_TABLE).assumptions
    instance = InstanceCapacity(instance_type="ml.m5.large")

    assert assumed.requests_per_second_per_vcpu == instance.requests_per_second / 2
    assert assumed.capture_retention_months == CAPTURE_RETENTION_DAYS / 30


def test_an_image_of_a_function_is_stored_in_the_registry() -> None:
    idle = MonthlyCosts(ExampleSettings(hosting="lambda", packaging="image"), table()).components("lambda", 0)

    assert (idle["S3"], idle["ECR"]) == (6.5, 3.5)


def test_a_snapshot_is_paid_for_by_its_memory_every_second() -> None:
    settings = ExampleSettings(hosting="lambda", packaging="zip", snapstart=True, memory_mb=2048)

    assert MonthlyCosts(settings, table()).components("lambda", 0)["SnapStart cache"] == 2 * 730 * 3600 * 20
    assert "SnapStart cache" not in MonthlyCosts(ExampleSettings(), table()).components("lambda", 0)
