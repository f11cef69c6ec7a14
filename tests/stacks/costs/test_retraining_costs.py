"""Costs of retrainings, compared with manual calculations."""

import pytest

from stacks.costs.monthly_costs import MonthlyCosts
from stacks.costs.report import CostReport
from stacks.costs.retraining_costs import RetrainingCosts
from tests.stacks.costs.round_prices import ExampleSettings, table

# Nine minutes of an instance, 12 calls of 30 seconds with 256 MB, and 24 transitions.
RUN = {
    "SageMaker jobs": 9 / 60 * 100,
    "Lambda": 12 * (7.5 * 3 + 5e-6),
    "Step Functions": 24 * 23e-6,
}


def test_a_run_costs_the_time_of_its_jobs_its_calls_and_its_states() -> None:
    assert RetrainingCosts(ExampleSettings(retrain="manual"), table()).run == pytest.approx(RUN)


@pytest.mark.parametrize(
    ("retrain", "runs"),
    [
        ("manual", 2),
        ("data", 2),
        ("monthly", 1),
        ("cron(0 6 ? * MON *)", 365 / 12 / 7),
        ("cron(0 6 ? * MON-FRI *)", 5 * 365 / 12 / 7),
        ("cron(0 6,18 1,15 * ? *)", 4),
        ("cron(0 0/6 1 1-6 ? *)", 2),
        ("cron(0 6 * * ? *)", 365 / 12),
    ],
)
def test_a_month_has_the_runs_of_its_schedule_or_as_many_as_assumed(retrain: str, runs: float) -> None:
    costs = RetrainingCosts(ExampleSettings(retrain=retrain), table())

    assert costs.runs_per_month == pytest.approx(runs)
    assert costs.month == pytest.approx(runs * sum(RUN.values()) + 0.5 * 14)


def test_the_report_has_a_run_and_a_month_only_where_the_model_is_retrained() -> None:
    def report(settings: ExampleSettings) -> CostReport:
        return CostReport(settings=settings, table=table(), monthly=MonthlyCosts(settings, table()))

    on, off = report(ExampleSettings(retrain="monthly")), report(ExampleSettings())

    assert "One retraining costs about 285.001 dollars" in on.text()
    assert on.document()["retraining"]["runs_per_month"] == pytest.approx(1)
    assert "Retraining" in on.document()["hostings"]["lambda"]["components"]
    assert "retraining" not in off.text().partition("Assumptions")[0].lower()
    assert off.document()["retraining"] is None
