"""Cost curves and their break-even points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.costs.monthly_costs import MonthlyCosts
from tests.stacks.costs.round_prices import REQUESTS, ExampleSettings, realistic_table, table

RATES = st.floats(min_value=0, max_value=10_000, allow_subnormal=False)
HOSTINGS = st.sampled_from(["realtime", "serverless", "lambda"])


@given(hosting=HOSTINGS, rates=st.tuples(RATES, RATES).map(sorted), instances=st.integers(1, 5))
def test_more_requests_never_cost_less(hosting: str, rates: list[float], instances: int) -> None:
    monthly = MonthlyCosts(ExampleSettings(instance_count=instances, max_instance_count=instances), table())

    fewer, more = (monthly.total(hosting, rate) for rate in rates)

    assert fewer <= more * (1 + 1e-12)


@given(
    hour=st.floats(0.001, 100),
    per_vcpu=st.floats(0.1, 1000),
    instances=st.integers(1, 20),
    paid_by_time=st.sampled_from(["serverless", "lambda"]),
)
def test_the_break_even_is_where_the_curves_cross(
    hour: float, per_vcpu: float, instances: int, paid_by_time: str
) -> None:
    settings = ExampleSettings(instance_count=instances, max_instance_count=instances)
    monthly = MonthlyCosts(settings, realistic_table(hour, requests_per_second_per_vcpu=per_vcpu))

    found = monthly.break_even(paid_by_time)

    def lead(rate: float) -> float:
        return monthly.total("realtime", rate) / monthly.total(paid_by_time, rate) - 1

    if found is None:
        full = [per_vcpu * 2 * count for count in range(instances, instances + 50)]
        assert all(lead(rate) > 0 for rate in full)
        return
    rate = found.requests_per_second
    assert lead(rate) == pytest.approx(0, abs=1e-9)
    assert monthly.instances(rate) == found.instances
    assert all(lead(rate * share) > 0 for share in (0.001, 0.25, 0.5, 0.75, 0.999))


def test_the_break_even_of_round_prices_equals_the_manual_calculation() -> None:
    # An hour of 0.01 is 7.30 a month. A request in serverless costs 0.05 s x 2e-5 more for the model and
    # 0.1 s x 0.5 GB x 3e-5 more for the longer wait of the invoker: 2.5e-6 together.
    monthly = MonthlyCosts(ExampleSettings(), realistic_table(0.01, requests_per_second_per_vcpu=1000))

    found = monthly.break_even("serverless")

    assert found is not None
    assert found.requests_per_second == pytest.approx(7.30 / (2.5e-6 * REQUESTS))
    assert found.instances == 1


def test_there_is_no_break_even_when_a_full_instance_costs_more_than_its_requests_in_the_other_hosting() -> (
    None
):
    monthly = MonthlyCosts(ExampleSettings(), realistic_table(100, requests_per_second_per_vcpu=1))

    assert monthly.break_even("serverless") is None
    assert monthly.break_even("lambda") is None


def test_realtime_is_cheaper_from_the_first_request_on_where_an_hour_is_free() -> None:
    found = MonthlyCosts(ExampleSettings(), realistic_table(0)).break_even("serverless")

    assert found is not None
    assert found.requests_per_second == pytest.approx(0)
    assert found.instances == 1


def test_shortages_name_the_setting_that_limits_them() -> None:
    settings = ExampleSettings(hosting="serverless", max_instance_count=2, max_concurrency=4)
    monthly = MonthlyCosts(settings, table(model_milliseconds={"serverless": 50, "lambda": 40}))

    assert monthly.shortages(20) == []
    assert monthly.shortages(100) == [
        "realtime needs 10 instances, and max_instance_count is 2",
        "serverless needs a concurrency of 5, and max_concurrency is 4",
    ]


def test_shortages_name_the_limits_of_the_api() -> None:
    settings = ExampleSettings(rate_limit=50, monthly_quota=100_000_000, max_instance_count=100)
    monthly = MonthlyCosts(settings, table())

    assert monthly.shortages(20) == []
    assert monthly.shortages(100) == [
        "the API refuses some, because rate_limit is 50",
        "there are 262,800,000 a month, and monthly_quota is 100,000,000",
    ]
