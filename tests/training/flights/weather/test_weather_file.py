import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.training.conftest import Command
from tests.training.flights.files import read, rows, text
from training.data.dataset import Dataset
from training.errors import TrainingError
from training.progress import Progress

HEADER = "airport,local_time,temperature,wind_speed,precipitation,visibility,humidity,pressure"
FLIGHTS: tuple[Mapping[str, str], ...] = (
    {"flight_number": "1", "scheduled_departure": "0905"},
    {"flight_number": "2", "scheduled_departure": "0959"},
    {"flight_number": "3", "scheduled_departure": "1000"},
)


def with_weather(
    folder: Path, weather: str, flights: tuple[Mapping[str, str], ...] = FLIGHTS, **options: Any
) -> Dataset:
    """Reads Kaggle's flights (LAX, 2018-01-31) with a file of weather."""
    (folder / "flights.csv").write_text(text(flights), encoding="utf-8")
    path = folder / "weather.csv"
    path.write_text(weather, encoding="utf-8")
    return read(folder / "flights.csv", folder / "cache", weather=str(path), **options)


def temperatures(data: Dataset) -> list[float | None]:
    return [row.get("temperature") for row in rows(data)]


def test_a_flight_has_the_weather_of_its_airport_and_hour(tmp_path: Path) -> None:
    # Given observations at two airports, several in one hour, and one of the next hour
    weather = (
        f"{HEADER}\n"
        "LAX,2018-01-31 09:00,60,5,0,10,50,1012\n"
        "LAX,2018-01-31T09:53:00,62,7,0.1,8,70,\n"
        "LAX,2018-01-31 11:00,99,5,0,10,50,1012\n"
        "PBI,2018-01-31 09:00,80,5,0,10,50,1012\n"
    )

    # When flights that depart in that hour and in one without an observation are read
    data = with_weather(tmp_path, weather)

    # Then those of the hour have its mean, and the other has none
    assert temperatures(data) == [61.0, 61.0, None]
    assert rows(data)[0]["precipitation"] == pytest.approx(0.05)
    assert rows(data)[0]["pressure"] == 1012.0
    assert data.name == "flights.csv, with the weather of weather.csv"


@pytest.mark.parametrize(
    ("utc", "local"),
    [
        # The day before in California, eight hours behind in winter and seven in summer.
        ("2018-02-01 07:30", ("2018-01-31", "2330")),
        ("2018-07-01T06:30:00Z", ("2018-06-30", "2330")),
        # The hour that occurs twice when clocks go back.
        ("2018-11-04 08:30", ("2018-11-04", "0100")),
        ("2018-11-04 09:30", ("2018-11-04", "0100")),
    ],
)
def test_utc_is_converted_by_the_time_zone_of_the_airport(
    utc: str, local: tuple[str, str], tmp_path: Path
) -> None:
    weather = f"airport,utc_time,temperature\nLAX,{utc},60\n"
    flights = ({"flight_date": local[0], "scheduled_departure": local[1]},)

    assert temperatures(with_weather(tmp_path, weather, flights)) == [60.0]


def test_parquet_and_other_delimiters_are_read_too(tmp_path: Path) -> None:
    # Given the same observation as Parquet with real types, and as text with semicolons
    table = pd.DataFrame(
        {"airport": ["LAX"], "local_time": [pd.Timestamp("2018-01-31 09:00")], "temperature": [60.0]}
    )
    table.to_parquet(tmp_path / "weather.parquet")
    (tmp_path / "semicolons.csv").write_text(
        "Airport;Local_Time;Temperature;station\nLAX;2018-01-31 09:00;60;KLAX\n", encoding="utf-8"
    )
    (tmp_path / "flights.csv").write_text(text([{}]), encoding="utf-8")

    for name in ("weather.parquet", "semicolons.csv"):
        data = read(tmp_path / "flights.csv", tmp_path / "cache", weather=str(tmp_path / name))

        assert temperatures(data) == [60.0]


def test_a_single_value_outside_its_range_is_absent(tmp_path: Path) -> None:
    lines = [f"LAX,2018-01-{day:02d} 09:00,60,{day}" for day in range(1, 31)]
    weather = "\n".join(["airport,local_time,temperature,wind_speed", *lines, "LAX,2018-01-31 09:00,60,1048"])

    (first, *_) = rows(with_weather(tmp_path, weather))

    assert "wind_speed" not in first
    assert first["temperature"] == 60.0


ROW = "LAX,2018-01-31 09:00,60,5,0,10,50,1012"


def twice(value: str, other: str) -> str:
    """Returns a file with two rows that have another value."""
    return "\n".join([HEADER, *2 * [ROW.replace(value, other)], ""])


@pytest.mark.parametrize(
    ("weather", "sentence"),
    [
        ("station,local_time,temperature\nLAX,2018-01-31 09:00,60\n", "no column airport: write the columns"),
        ("airport,hour,temperature\nLAX,9,60\n", "no column local_time or utc_time"),
        ("airport,local_time,humidity\nLAX,2018-01-31 09:00,60\n", "no column temperature"),
        ("airport,local_time,temperature,windspeed\n", "has a column windspeed, did you mean wind_speed:"),
        ("airport,local_time,utc_time,temperature\n", "has both local_time and utc_time: leave one"),
        ("airport,local_time,temperature,temperature\n", "has the column temperature twice"),
        (f"{HEADER}\n{ROW.replace('LAX', 'KLAX')}\n", "column airport, such as 'KLAX': write IATA codes"),
        (f"{HEADER}\n{ROW.replace('09:00', '9 a.m.')}\n", "column local_time, such as '2018-01-31 9 a.m.'"),
        (f"{HEADER}\n{ROW.replace('09:00', '09:00Z')}\n", "times with a zone in the column local_time"),
        (f"{HEADER}\n{ROW.replace(',60,', ',warm,')}\n", "column temperature, such as 'warm': write numbers"),
        (
            twice(",1012", ",29.92"),
            "2 of 2 values of pressure outside 800 to 1100 millibars, such as 29.92: convert the column to",
        ),
        (twice(",60,", ",288.7,"), "outside -100 to 150 degrees Fahrenheit, such as 288.7"),
        (twice(",50,", ",0.5,"), "humidity above 1"),
        ("", "is empty"),
    ],
)
def test_other_columns_and_units_are_refused_in_one_sentence(
    weather: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError) as error:
        with_weather(tmp_path, weather)

    assert sentence in f"{error.value}"
    assert "weather.csv" in f"{error.value}"


def test_weather_of_other_years_or_airports_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        TrainingError,
        match=r"weather\.csv has no weather for any of the 3 flights of .* \(2018-01-31 to .*, from LAX\)",
    ):
        with_weather(tmp_path, f"{HEADER}\n{ROW.replace('2018', '2017')}\n")


def test_the_share_without_weather_and_the_airports_without_any_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given weather of one of two airports, and a time at an airport without a known zone
    flights = (*FLIGHTS[:2], {"flight_number": "9", "origin": "PBI", "destination": "LAX"})
    weather = "airport,utc_time,temperature\nLAX,2018-01-31 17:00,60\nQQQ,2018-01-31 17:00,60\n"

    # When they are read
    with_weather(tmp_path, weather, flights, progress=Progress(sys.stderr))

    # Then both are said
    said = capsys.readouterr().err
    assert "weather.csv: no time zone is known for QQQ" in said
    assert "1 of 3 flights (33.3%) have no weather; none is known of PBI (1 flights)" in said


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "flights.csv").write_text(text([{}]), encoding="utf-8")

    with pytest.raises(TrainingError, match=r"There is no file no\.csv\. Weather can be iem; PATH"):
        read(tmp_path / "flights.csv", tmp_path / "cache", weather="no.csv")


def test_the_sample_has_its_own_weather(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"The sample has the weather of its own flights: leave"):
        read("sample", tmp_path, weather="weather.csv")


def test_a_model_without_weather_refuses_the_option(command: Command, tmp_path: Path) -> None:
    result = command("iris", "--weather", "weather.csv", "--out", str(tmp_path))

    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].endswith("The model iris reads no weather: leave --weather out.")
