from pathlib import Path

import pytest

from tests.training.flights.files import ROW, read, rows, text


def read_one(tmp_path: Path, **flight: str) -> list[dict[str, object]]:
    path = tmp_path / "flights.csv"
    # The last flight decides that the month is first in dates such as 2/3/2018.
    us_date = {"flight_date": "1/31/2018", "flight_number": "3"}
    path.write_text(text([flight, {"flight_number": "2"}, us_date]))
    return [row for row in rows(read(path, tmp_path)) if row != ROW] or [ROW]


@pytest.mark.parametrize(
    ("hhmm", "clock"),
    [
        ("5", "00:05"),
        ("545", "05:45"),
        ("0545", "05:45"),
        ("1745.0", "17:45"),
        ("2359", "23:59"),
        ("2400", "00:00"),
        ("17:45", "17:45"),
        ("7:05", "07:05"),
        ("17:45:00", "17:45"),
        ("7:05:59", "07:05"),
    ],
)
def test_a_local_time_without_leading_zeros_is_read(hhmm: str, clock: str, tmp_path: Path) -> None:
    (row,) = read_one(tmp_path, scheduled_departure=hhmm)

    assert row["scheduled_departure"] == clock


@pytest.mark.parametrize(
    "hhmm", ["2401", "1260", "-5", "12.5", "99999999999", "noon", "NA", "24:30", "5:4", "1:60", "5:45 PM"]
)
def test_an_invalid_arrival_time_is_absent(hhmm: str, tmp_path: Path) -> None:
    (row,) = read_one(tmp_path, scheduled_arrival=hhmm)

    assert "scheduled_arrival" not in row
    assert row["scheduled_departure"] == "09:05"


@pytest.mark.parametrize(
    "date",
    [
        "2018-02-03",
        " 2018-02-03",
        "2018-02-03 00:00:00",
        "2018-02-03T00:00:00Z",
        "2018-2-3",
        "2018/02/03",
        "20180203",
        "2/3/2018",
        "2/3/2018 12:00:00 AM",
        "02/03/2018",
        "2/03/2018",
        "02/3/2018",
    ],
)
def test_a_date_is_read_in_the_format_of_every_source(date: str, tmp_path: Path) -> None:
    (row,) = read_one(tmp_path, flight_date=date)

    assert row["flight_date"] == "2018-02-03"


@pytest.mark.parametrize(
    ("flight", "reason"),
    [
        ({"cancelled": "1.00", "arrival_delay": ""}, "cancelled"),
        ({"cancelled": "1", "arrival_delay": "20"}, "cancelled"),
        ({"diverted": "1.0", "arrival_delay": ""}, "diverted"),
        ({"arrival_delay": ""}, "without an arrival delay"),
        ({"arrival_delay": "NaN"}, "without an arrival delay"),
        ({"arrival_delay": "inf"}, "without an arrival delay"),
        ({"arrival_delay": "1_6"}, "without an arrival delay"),
        ({"flight_date": "2018-02-30"}, "without a readable date"),
        ({"flight_date": "13/13/2018"}, "without a readable date"),
        ({"flight_date": ""}, "without a readable date"),
        ({"scheduled_departure": ""}, "without a readable scheduled departure"),
        ({"scheduled_departure": "2401"}, "without a readable scheduled departure"),
        ({"flight_date": "1987-09-30"}, "outside the days of the model's field"),
        ({"origin": "PBI"}, "to the airport of departure"),
        ({"carrier": ""}, "without a carrier, origin or destination of the usual form"),
        ({"origin": "L4X"}, "without a carrier, origin or destination of the usual form"),
    ],
)
def test_an_unusable_flight_is_dropped_and_counted_by_reason(
    flight: dict[str, str], reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(text([flight, {"flight_number": "2"}]))

    found = read(path, tmp_path)

    assert dict(found.dropped) == {reason: 1}
    assert rows(found) == [ROW]


@pytest.mark.parametrize(("minutes", "late"), [("14.9", 0), ("15", 1), ("-9.0", 0), ("1e2", 1), (" 16 ", 1)])
def test_late_means_fifteen_minutes_or_more(minutes: str, late: int, tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(text([{"arrival_delay": minutes}]))

    assert read(path, tmp_path).target.tolist() == [late]


def test_codes_that_resemble_missing_values_are_read_as_codes(tmp_path: Path) -> None:
    (row,) = read_one(tmp_path, carrier="NA", origin="NAN", destination=" NUL")

    assert (row["carrier"], row["origin"], row["destination"]) == ("NA", "NAN", "NUL")


@pytest.mark.parametrize(
    ("field", "cell"),
    [("distance", "0"), ("distance", "13000"), ("departure_delay", "5000"), ("departure_delay", "5d")],
)
def test_a_number_outside_the_limits_of_the_api_is_absent(field: str, cell: str, tmp_path: Path) -> None:
    (row,) = read_one(tmp_path, **{field: cell})

    assert field not in row
    assert row == {name: value for name, value in ROW.items() if name != field}


def test_without_a_cancelled_column_a_flight_without_departure_delay_is_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    flights = [
        {},
        {"flight_number": "2", "departure_delay": "NA", "arrival_delay": "NA"},
        {"flight_number": "3", "arrival_delay": "NA"},
    ]
    path.write_text(text(flights, "nycflights13"))

    found = read(path, tmp_path)

    assert dict(found.dropped) == {"cancelled": 1, "without an arrival delay": 1}
    assert rows(found) == [ROW]
