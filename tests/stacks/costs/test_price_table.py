"""Price tables: the repository's own, and invalid ones."""

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stacks.costs.price_table import DEFAULT_TABLE, PriceError, load_prices
from stacks.settings.instance_types import hosted_instance_types
from stacks.settings.settings import Settings
from tests.stacks.costs.round_prices import document

Change = Callable[[dict[str, Any]], object]


def test_the_repositorys_table_has_a_date_and_a_source_for_each_price() -> None:
    table = load_prices(DEFAULT_TABLE)

    assert datetime.date(2026, 1, 1) <= table.date
    assert table.region == "us-east-1"
    named = {price["source"] for price in _every_price(json.loads(DEFAULT_TABLE.read_text()))}
    assert named == set(table.sources)


def test_the_repositorys_table_has_the_default_instance_type_and_only_types_that_can_be_set() -> None:
    table = load_prices(DEFAULT_TABLE)

    assert table.instance(Settings.from_context({"model": "m"}).instance_type).price > 0
    assert set(table.instances) <= set(hosted_instance_types())


def test_the_price_per_vcpu_is_similar_for_all_sizes_of_an_instance_family() -> None:
    for family in ("ml.m5.", "ml.c5.", "ml.c7i."):
        instances = [found for name, found in load_prices(DEFAULT_TABLE).instances.items() if family in name]

        by_vcpu = [instance.price / instance.vcpus for instance in instances]
        assert max(by_vcpu) / min(by_vcpu) < 1.1, family


def test_an_instance_type_without_a_price_is_rejected_with_the_entry_to_add() -> None:
    table = load_prices(DEFAULT_TABLE)

    with pytest.raises(PriceError) as error:
        table.instance("ml.r5.large")

    sentence = str(error.value)
    assert "no price for ml.r5.large in us-east-1" in sentence
    assert '"ml.r5.large": {"price": ..., "unit": "hour", "vcpus": ..., "source": ...}' in sentence
    assert sentence.endswith("give it with --prices.")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content["prices"].pop("alarm"), "missing required field `alarm`"),
        (lambda content: content["prices"].update(rent={}), "unknown field `rent`"),
        (lambda content: content["prices"]["alarm"].update(price=-1), "$.prices.alarm.price"),
        (lambda content: content["prices"]["alarm"].update(price="1"), "$.prices.alarm.price"),
        (
            lambda content: content["prices"]["api_requests"].update(unit="request"),
            "$.prices.api_requests.unit",
        ),
        (lambda content: content["prices"]["alarm"].update(source="there"), "sources lacks there"),
        (lambda content: content["instances"]["ml.m5.large"].update(source="there"), "sources lacks there"),
        (lambda content: content["instances"]["ml.m5.large"].update(vcpus=0), "vcpus"),
        (lambda content: content["instances"]["ml.m5.large"].update(unit="month"), "unit"),
        (lambda content: content["assumptions"].update(requests_per_second_per_vcpu=0), "per_vcpu"),
        (
            lambda content: content["assumptions"].update(model_milliseconds={"lambda": 1}),
            "model_milliseconds must",
        ),
        (
            lambda content: content["assumptions"].update(log_retention_months={}),
            "log_retention_months must have",
        ),
        (lambda content: content.update(date="yesterday"), "$.date"),
        (lambda content: content.update(currency="EUR"), "$.currency"),
        (lambda content: content["sources"]["here"].update(url="somewhere"), "url"),
    ],
)
def test_an_invalid_table_is_rejected_with_the_invalid_field(
    tmp_path: Path, change: Change, message: str
) -> None:
    content = document()
    change(content)

    with pytest.raises(PriceError) as error:
        load_prices(_write(tmp_path, json.dumps(content)))

    sentence = str(error.value)
    assert message in sentence
    assert str(tmp_path) in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("content", ["", "{", "[]", "\x00", '{"date": "2026-01-31"}'])
def test_a_file_that_is_not_a_table_is_rejected(tmp_path: Path, content: str) -> None:
    with pytest.raises(PriceError, match=r"is invalid: .*prices\.json is a valid one"):
        load_prices(_write(tmp_path, content))


def test_a_missing_file_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(PriceError, match="cannot be read: No such file"):
        load_prices(tmp_path / "prices.json")


def _write(folder: Path, content: str) -> Path:
    path = folder / "prices.json"
    path.write_text(content)
    return path


def _every_price(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [*content["prices"].values(), *content["instances"].values()]
