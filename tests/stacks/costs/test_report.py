"""The report as text and as JSON."""

import json
import re
from typing import Any

import pytest

from stacks.costs.monthly_costs import MonthlyCosts
from stacks.costs.price_table import PriceTable
from stacks.costs.report import CostReport, aligned
from tests.stacks.costs.round_prices import ExampleSettings, realistic_table, table


def report(settings: ExampleSettings, prices: PriceTable) -> CostReport:
    return CostReport(settings=settings, table=prices, monthly=MonthlyCosts(settings, prices))


def test_columns_are_aligned() -> None:
    assert aligned(
        [["hosting", "idle", "1/s"], ["a *", "1.00", "1,234.50"], ["longer name", "12.00", "0.10"]]
    ) == [
        "hosting       idle       1/s",
        "a *           1.00  1,234.50",
        "longer name  12.00      0.10",
    ]


def test_the_tables_of_the_text_are_aligned() -> None:
    text = report(ExampleSettings(), table()).text()

    tables = [part.splitlines() for part in text.split("\n\n") if "  " in part]
    assert [lines[0].split()[0] for lines in tables] == ["hosting", "component", "request_bytes"]
    for lines in tables:
        assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize("hosting", ["realtime", "serverless", "lambda"])
def test_the_configured_hosting_is_marked_and_its_components_are_listed(hosting: str) -> None:
    text = report(ExampleSettings(hosting=hosting, memory_mb=3072), table()).text()

    assert re.findall(r"^(\w+) \*", text, re.MULTILINE) == [hosting]
    assert f"* configured: {hosting}, {'1 x ml.m5.large' if hosting == 'realtime' else '3072 MB'}" in text
    assert f"Components of {hosting}:" in text
    assert ("Model Lambda" in text) == (hosting == "lambda")


def test_the_text_has_a_sentence_for_each_break_even() -> None:
    some = report(ExampleSettings(), realistic_table(0.01, requests_per_second_per_vcpu=1000)).text()
    none = report(ExampleSettings(), realistic_table(100, requests_per_second_per_vcpu=1)).text()

    assert "realtime, 1 x ml.m5.large, is cheaper than serverless from 1.1 requests a second on." in some
    assert "realtime is never cheaper than serverless." in none


def test_the_text_lists_assumptions_and_what_is_not_included() -> None:
    text = report(ExampleSettings(), table(request_bytes=123456789)).text()

    assert re.search(r"^request_bytes +123,456,789$", text, re.MULTILINE)
    assert re.search(r"^model_milliseconds\.lambda +40$", text, re.MULTILINE)
    assert "730 hours a month" in text
    assert "cold starts" in text.splitlines()[-1]


def test_the_text_names_shortages() -> None:
    text = report(ExampleSettings(), table(requests_per_second_per_vcpu=5)).text()

    assert "At 100 requests a second realtime needs 10 instances, and max_instance_count is 1." in text


def test_the_json_holds_every_hosting_rate_and_component() -> None:
    settings = ExampleSettings(hosting="serverless", memory_mb=1024, waf=True)
    monthly = MonthlyCosts(settings, table())

    found: dict[str, Any] = json.loads(json.dumps(report(settings, table()).document()))

    assert (found["date"], found["region"], found["currency"]) == ("2026-01-31", "moon-1", "USD")
    assert found["in_force"] == {"hosting": "serverless", "instance_type": "ml.m5.large"}
    assert found["requests_per_second"] == [0, 1, 10, 100]
    assert set(found["hostings"]) == {"realtime", "serverless", "lambda"}
    for hosting, costs in found["hostings"].items():
        assert costs["total"] == pytest.approx([monthly.total(hosting, rate) for rate in (0, 1, 10, 100)])
        by_rate = zip(*costs["components"].values(), strict=True)
        assert [sum(column) for column in by_rate] == pytest.approx(costs["total"])
    assert found["hostings"]["realtime"]["instances"] == [1, 1, 1, 10]
    assert set(found["break_even"]) == {"serverless", "lambda"}
    assert found["assumptions"]["memory_mb"] == 1024
    assert found["sources"] == {"here": "https://example.org/prices"}


def test_the_json_has_the_break_even_or_null() -> None:
    some = report(ExampleSettings(), realistic_table(0.01, requests_per_second_per_vcpu=1000)).document()[
        "break_even"
    ]
    none = report(ExampleSettings(), realistic_table(100, requests_per_second_per_vcpu=1)).document()[
        "break_even"
    ]

    assert some["serverless"] == {"requests_per_second": pytest.approx(1.1111, abs=1e-4), "instances": 1}
    assert none == {"serverless": None, "lambda": None}


def test_the_report_has_a_column_for_the_highest_rate_that_the_settings_admit() -> None:
    found = report(ExampleSettings(rate_limit=2500, max_instance_count=1000), table())

    assert found.document()["requests_per_second"] == [0, 1, 10, 100, 2500]
    assert " 2,500/s" in found.text().splitlines()[2]
