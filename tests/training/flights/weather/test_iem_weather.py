"""Weather of `--weather iem`, from an archive on this machine."""

import datetime
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.training.flights.files import read, rows, text
from tests.training.flights.site import Site, serving, status
from tests.training.flights.weather.archive import JANUARY, answering, cut, requests
from training.data.dataset import Dataset
from training.errors import TrainingError
from training.flights.weather.airports import airports
from training.progress import Progress

# LAX at 09:05 local time, which is 17:05 UTC.
FLIGHT: tuple[Mapping[str, str], ...] = ({},)
FLIGHTS: tuple[Mapping[str, str], ...] = (
    {"flight_number": "1", "scheduled_departure": "0905"},
    {"flight_number": "2", "scheduled_departure": "1015"},
    {"flight_number": "3", "scheduled_departure": "1900", "origin": "PBI", "destination": "LAX"},
    {"flight_number": "4", "scheduled_departure": "1900", "origin": "QQQ", "destination": "LAX"},
)


def downloaded(
    folder: Path, site: Site, flights: Sequence[Mapping[str, str]] = FLIGHT, **options: Any
) -> Dataset:
    """Reads Kaggle's flights with the weather of a site, without pauses between the tries."""
    (folder / "flights.csv").write_text(text(flights), encoding="utf-8")
    given = {"sleep": lambda _: None, "today": lambda: datetime.date(2018, 6, 1), **options}
    with serving(site) as url:
        return read(folder / "flights.csv", folder / "cache", weather="iem", weather_site=url, **given)


def test_a_flight_has_the_reports_of_its_local_hour_in_our_units(tmp_path: Path) -> None:
    # Given an archive with reports at two airports, two of them in one hour
    site = Site(answering(JANUARY))

    # When flights from there and from an airport without a station are read
    first, second, *others = rows(downloaded(tmp_path, site, FLIGHTS))

    # Then the hour has the means, the largest precipitation, and miles per hour
    weather = {
        "temperature": 61.0,
        "wind_speed": pytest.approx(6 * 1.15078),
        "precipitation": 0.25,
        "visibility": 3.0,
        "humidity": 85.0,
        "pressure": 1012.0,
    }
    assert {name: first[name] for name in weather} == weather
    # A trace is less than the least that is measured, M is absent
    assert second["precipitation"] == pytest.approx(0.005)
    assert second["temperature"] == 61.0
    assert not {"wind_speed", "visibility", "humidity", "pressure"} & second.keys()
    # And 18:53 in Florida is not the hour of 19:00
    assert [row.get("temperature") for row in others] == [None, None]


def test_one_request_asks_for_all_stations_of_a_month_in_every_time_zone(tmp_path: Path) -> None:
    site = Site(answering(JANUARY))

    downloaded(tmp_path, site, FLIGHTS)

    (request,) = requests(site)
    assert {"LAX", "PBI"} <= set(request["station"])
    names = ("year1", "month1", "day1", "year2", "month2", "day2")
    assert [request[name] for name in names] == [["2017"], ["12"], ["31"], ["2018"], ["2"], ["2"]]
    assert (request["tz"], request["missing"], request["trace"]) == (["Etc/UTC"], ["M"], ["T"])
    assert request["report_type"] == ["3", "4"]


def test_stations_outside_the_contiguous_us_have_four_letters(tmp_path: Path) -> None:
    # Given a flight from Honolulu, ten hours behind UTC
    site = Site(answering({"PHNL": ["2018-02-01 09:30,75.00,5.00,0.00,10.00,70.00,1015.00"]}))

    (row,) = rows(downloaded(tmp_path, site, [{"origin": "HNL", "scheduled_departure": "2345"}]))

    assert row["temperature"] == 75.0


def test_a_station_is_found_by_the_code_of_its_airport_when_its_own_has_changed(tmp_path: Path) -> None:
    # Given an airport whose ICAO code has other letters than its IATA code, and reports under the latter
    (code, names) = next((c, a.stations) for c, a in airports().items() if len(a.stations) == 2)
    late = ["2018-01-31 17:30,50.00,5.00,0.00,10.00,70.00,1015.00"]
    reports = {code: [*late, *(f"2018-01-31 {hour:02d}:10,50.00,M,M,M,M,M" for hour in range(12, 24))]}

    # When a flight from there is read
    (row,) = rows(downloaded(tmp_path, Site(answering(reports)), [{"origin": code}]))

    # Then both names were asked for, and it has the weather
    assert names == (names[0], code)
    assert names[0] != code
    assert row["temperature"] == 50.0


@pytest.mark.slow
def test_a_complete_month_is_kept_and_only_further_stations_are_asked(tmp_path: Path) -> None:
    # Given a month that was downloaded for one airport
    site = Site(answering(JANUARY))
    downloaded(tmp_path, site)

    # When flights from there and from another one are read, twice
    for _ in range(2):
        downloaded(tmp_path, site, FLIGHTS)

    # Then each station was asked for once
    first, second = requests(site)
    assert first["station"] == ["LAX"]
    assert "PBI" in second["station"]
    assert "LAX" not in second["station"]


@pytest.mark.parametrize(
    ("reports", "today"),
    [
        (JANUARY, datetime.date(2018, 2, 1)),
        ({"LAX": ["2018-01-17 17:10,60.00,5.00,0.10,2.00,80.00,M"]}, datetime.date(2018, 6, 1)),
    ],
)
def test_a_partial_month_is_used_but_not_kept(
    reports: Mapping[str, Sequence[str]],
    today: datetime.date,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Given a month whose end is not in the archive yet, or is missing there
    site = Site(answering(reports))
    flights = ({"flight_number": "1"}, {"flight_number": "2", "flight_date": "2018-01-17"})

    # When flights are read twice
    for _ in range(2):
        data = downloaded(tmp_path, site, flights, today=lambda: today, progress=Progress(sys.stderr))

    # Then they have its weather, the archive was asked twice, and that is said
    assert "temperature" in data.columns
    assert len(site.requests) == 2
    assert "the reports of 2018-01 end on 2018-01-" in capsys.readouterr().err


@pytest.mark.parametrize(
    "fault",
    [
        status(503, b"ERROR: server over capacity, please try later", "text/plain"),
        status(429),
        cut(JANUARY, with_length=True),
        cut(JANUARY, with_length=False),
    ],
    ids=["busy", "throttled", "cut with length", "cut without length"],
)
def test_a_failed_try_is_repeated(fault: Any, tmp_path: Path) -> None:
    site = Site(fault, fault, answering(JANUARY))

    (row,) = rows(downloaded(tmp_path, site))

    assert row["temperature"] == 61.0
    assert len(site.requests) == 3


def test_the_pauses_between_tries_grow_and_requests_are_a_second_apart(tmp_path: Path) -> None:
    pauses: list[float] = []
    busy = status(503)
    site = Site(busy, busy, answering(JANUARY))

    downloaded(tmp_path, site, [*FLIGHTS, {"flight_date": "2018-02-01"}], sleep=pauses.append)

    assert pauses == [1.0, 2.0, 1.0]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (status(503), r"The weather of 2018-01 cannot be downloaded from 127\.0\.0\.1:\d+ \(.* status 503\)"),
        (status(422, b"Invalid times provided."), "refuses the weather of 2018-01 with status 422"),
        (status(200, b"<html>maintenance</html>"), "answered with text/html that is no table of reports"),
        (status(200, b"station,valid,tmpf\n"), "or has changed its layout"),
    ],
)
def test_an_archive_that_is_down_or_has_changed_is_said_in_one_sentence(
    answer: Any, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match=sentence):
        downloaded(tmp_path, Site(answer))

    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_airports_without_a_station_and_flights_without_a_report_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    downloaded(tmp_path, Site(answering(JANUARY)), FLIGHTS, progress=Progress(sys.stderr))

    said = capsys.readouterr().err
    assert "no weather station is known at QQQ" in said
    assert "2 of 4 flights (50.0%) have no weather; none is known of PBI, QQQ (2 flights)" in said
