from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.flights.files import FLIGHT, ROW, columns, read, rows, text
from training.errors import TrainingError
from training.flights.sources.dialect import DIALECTS


@pytest.mark.parametrize("dialect", [dialect.name for dialect in DIALECTS])
def test_a_file_is_recognised_by_its_header(dialect: str, tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(text([{}], dialect))

    assert rows(read(path, tmp_path)) == [ROW]


def test_a_header_may_have_a_byte_order_mark_quotes_spaces_and_empty_names(tmp_path: Path) -> None:
    names = columns("Kaggle")
    header = ",".join(f'"{name}" ' if name == "DEST" else f'"{name}"' for name in names)
    row = ",".join(FLIGHT[role] for role in names.values())
    path = tmp_path / "flights.csv"
    path.write_bytes(f"\ufeff{header},,\r\n{row},,\r\n".encode())

    assert rows(read(path, tmp_path)) == [ROW]


@pytest.mark.parametrize(
    ("dialect", "column"),
    [("Kaggle", "ARR_DELAY"), ("BTS export", "CRS_DEP_TIME"), ("monthly BTS files", "ArrDelay")],
)
def test_a_file_without_a_required_column_is_refused_with_the_names_of_both(
    dialect: str, column: str, tmp_path: Path
) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(text([{}], dialect).replace(column, f"{column}_NEW", 1))

    with pytest.raises(TrainingError, match=rf"flights\.csv has no column {column}, which {dialect} columns"):
        read(path, tmp_path)


@pytest.mark.parametrize("dialect", [dialect.name for dialect in DIALECTS])
@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_upper_and_lower_case_of_a_header_are_alike(
    dialect: str, case: Callable[[str], str], tmp_path: Path
) -> None:
    header, row = text([{}], dialect).splitlines()
    path = tmp_path / "flights.csv"
    path.write_text(f"{case(header)}\n{row}\n")

    assert rows(read(path, tmp_path)) == [ROW]


# The beginning of the header of every monthly file until July 2018.
OLD_HEADER = (
    '"Year","Quarter","Month","DayofMonth","DayOfWeek","FlightDate","UniqueCarrier","AirlineID","Carrier",'
    '"TailNum","FlightNum","Origin","OriginCityName","Dest","DestCityName","CRSDepTime","DepDelay","CRSArrTime",'
    '"ArrDelay","Cancelled","Diverted","Distance",\n'
)


def test_a_monthly_file_from_before_august_2018_is_read(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(
        f'{OLD_HEADER}2018,1,1,31,3,2018-01-31,"PA (1)",19805,"AA","N787AA","1","LAX","Los Angeles, CA",'
        '"PBI","West Palm Beach, FL","0905",-3.00,"1710",15.00,0.00,0.00,2330.00,\n'
    )

    assert rows(read(path, tmp_path)) == [ROW]


def test_a_column_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    header, row = text([{}]).splitlines()
    path.write_text(f"{header},origin\n{row},JFK\n")

    with pytest.raises(
        TrainingError, match=r"flights\.csv has the column ORIGIN twice: remove or rename one"
    ):
        read(path, tmp_path)


def test_optional_columns_may_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(
        "FL_DATE,OP_CARRIER,ORIGIN,DEST,CRS_DEP_TIME,ARR_DELAY\n"
        "2018-01-31,AA,LAX,PBI,0905,15\n"
        "2018-01-31,AA,LAX,PBI,0905,15\n"
    )

    found = read(path, tmp_path)

    # Rows without a flight number are never duplicates.
    assert rows(found) == 2 * [{name: ROW[name] for name in found.columns}]
    assert sorted(found.columns) == ["carrier", "destination", "flight_date", "origin", "scheduled_departure"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "flights.csv is empty"),
        ("\n\n", "flights.csv is empty"),
        ("name;age\nx;1\n", "has no known column; its header begins with name;age"),
        ("PK\x03\x04\0\0", "has no known column"),
        (text([]), "has no usable flight"),
        (text([{"cancelled": "1"}]), "has no usable flight"),
        (text([{}]) + "2018-01-31,AA\n", "cannot be read"),
    ],
)
def test_a_file_without_usable_flights_is_refused_in_one_sentence(
    content: str, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(content)

    with pytest.raises(TrainingError) as refusal:
        read(path, tmp_path)

    assert sentence in str(refusal.value)
    assert "flights.csv" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_reader_returns_no_column_that_is_known_only_after_the_flight(tmp_path: Path) -> None:
    # Given a file with columns that are known only after the flight
    later = "DEP_TIME,TAXI_OUT,WHEELS_OFF,ARR_TIME,AIR_TIME,ACTUAL_ELAPSED_TIME,CARRIER_DELAY,WEATHER_DELAY"
    header, row = text([{}]).splitlines()
    path = tmp_path / "flights.csv"
    path.write_text(f"{header},{later}\n{row},902,10,912,1725,280,303,5,10\n")

    # When the file is read
    found = read(path, tmp_path)

    # Then the rows have only the fields of a request
    assert rows(found) == [ROW]
    assert set(found.columns) == set(ROW)
