"""Situations and statements for data without weather or departure delay."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bundle import read_archive
from tests.training.conftest import Command
from tests.training.flights.files import text
from tests.training.flights.test_command import flights
from tests.training.toys import TOY, read_toy
from training.data.dataset import Dataset
from training.data.split import Split, by_time
from training.flights.request_fields import WEATHER
from training.models.flight_delay import MODEL


def without(flights: Dataset, *fields: str) -> Split:
    return by_time(flights.without(fields), 0)


@pytest.mark.parametrize(
    ("absent", "situations"),
    [
        (
            (),
            {
                "schedule": "schedule only",
                "weather": "with weather",
                "departure_delay": "with weather and departure delay",
            },
        ),
        (WEATHER, {"schedule": "schedule only", "departure_delay": "with departure delay"}),
        (("departure_delay",), {"schedule": "schedule only", "weather": "with weather"}),
        ((*WEATHER, "departure_delay"), {"schedule": "schedule only"}),
    ],
)
def test_a_situation_without_data_is_left_out(
    absent: tuple[str, ...], situations: dict[str, str], some_flights: Dataset
) -> None:
    split = without(some_flights, *absent)
    model = MODEL.of_data(split)

    assert {situation.name: situation.description for situation in model.situations} == situations
    assert MODEL.card
    card = MODEL.card.of_data(split.train.known_fields)
    statements = " ".join(str(item) for item in (*card.use, *card.limits))
    assert ("observed" in statements) == ("temperature" not in absent)
    assert ("Its data had no weather" in statements) == ("temperature" in absent)
    assert ("After push-back" in statements) == ("departure_delay" not in absent)


def test_a_field_without_a_value_in_the_test_rows_has_no_situation() -> None:
    data = read_toy()
    late = data.columns["late"].copy()
    late[data.dates >= by_time(data, 0).test.dates[0]] = np.nan  # type: ignore[index]
    split = by_time(replace(data, columns={**data.columns, "late": late}), 0)

    assert [situation.name for situation in TOY.of_data(split).situations] == ["early"]


@pytest.mark.slow
def test_report_and_manifest_of_flights_without_departure_delay_have_one_situation(
    tmp_path: Path, command: Command
) -> None:
    path = tmp_path / "flights.csv"
    rows = [{**flight, "departure_delay": ""} for flight in flights(days=10, a_day=60)]
    path.write_text(text(rows))

    result = command("flight_delay", "--data", str(path), "--out", str(tmp_path), "--json")

    report = json.loads(result.stdout)
    metrics = read_archive(tmp_path / "model.tar.gz").manifest.metrics
    page = (tmp_path / "report.html").read_text()
    assert report["situations"] == {"": "schedule only"}
    assert not [name for name in metrics.values if name.endswith(("weather", "delay"))]
    assert "weather" not in metrics.split
    assert "With weather" not in page
    assert "observed or forecast" in page  # the description of the field
    assert "It learned from the weather" not in page
