"""Files with other encodings, delimiters, numbers, dates and names, as programs of offices write them."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.training.flights.files import FLIGHT, ROW, columns, read, rows, text
from training.errors import TrainingError

ROOT = Path(__file__).parents[4]
CITY = "ORIGIN_CITY"


def delimited(delimiter: str, *flights: dict[str, str]) -> str:
    """Returns a file with this delimiter, and a column of cities that is not used."""
    names = columns("Kaggle")
    lines = [delimiter.join((*names, CITY))]
    lines += [
        delimiter.join([*({**FLIGHT, **flight}[ours] for ours in names.values()), "Cañon City"])
        for flight in flights
    ]
    return "\r\n".join([*lines, ""])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_file_is_read_in_any_encoding_and_with_any_delimiter(
    encoding: str, delimiter: str, tmp_path: Path
) -> None:
    path = tmp_path / "flights.csv"
    path.write_bytes(delimited(delimiter, {}).encode(encoding))

    assert rows(read(path, tmp_path / "cache")) == [ROW]
    assert list((tmp_path / "cache").glob("unpacked*")) == []


def test_a_first_line_that_names_the_delimiter_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(f"sep=;\r\n{delimited(';', {})}")

    assert rows(read(path, tmp_path)) == [ROW]


def test_decimal_commas_are_read(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(
        delimited(
            ";",
            {"distance": "2.330,50", "arrival_delay": "14,9", "departure_delay": "-3,25"},
            {"distance": "1.234", "arrival_delay": "15,0", "flight_number": "2"},
        )
    )

    found = read(path, tmp_path)

    assert sorted(found.columns["distance"].tolist()) == [1234.0, 2330.5]
    assert sorted(found.target.tolist()) == [0, 1]
    assert sorted(found.columns["departure_delay"].tolist()) == [-3.25, -3.0]


def test_commas_that_may_separate_thousands_or_decimals_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(delimited(";", {"distance": "2,330", "arrival_delay": "15", "departure_delay": "3"}))

    with pytest.raises(
        TrainingError, match=r"flights\.csv has '2,330' in column DISTANCE, where the comma may"
    ):
        read(path, tmp_path)


@pytest.mark.parametrize(
    ("dates", "day"),
    [
        (("31/01/2018", "01/02/2018"), "2018-02-01"),
        (("31.01.2018", "1.2.2018"), "2018-02-01"),
        (("20180131", "20180201"), "2018-02-01"),
        (("31/01/18", "01/02/18"), "2018-02-01"),
        (("01/31/18", "01/02/18"), "2018-01-02"),
        (("18-01-31", "18-02-27"), "2018-02-27"),
    ],
)
def test_dates_are_read_in_the_order_that_the_whole_column_shows(
    dates: tuple[str, str], day: str, tmp_path: Path
) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(text([{"flight_date": date} for date in dates]))

    found = read(path, tmp_path)

    assert sorted(row["flight_date"] for row in rows(found)) == sorted(["2018-01-31", day])
    assert dict(found.dropped) == {}


@pytest.mark.parametrize(
    ("column", "cell", "sentence"),
    [
        (
            "flight_date",
            "31 Jan 2018",
            "12 of 32 rows that cannot be read in column FL_DATE, such as '31 Jan 2018'",
        ),
        (
            "scheduled_departure",
            "5:45 PM",
            "in column CRS_DEP_TIME, such as '5:45 PM': write local times as 0545",
        ),
        (
            "arrival_delay",
            "12 min",
            "in column ARR_DELAY, such as '12 min': write numbers such as 12 or 12.5",
        ),
        ("departure_delay", '"1,5"', "in column DEP_DELAY, such as '1,5'"),
        ("scheduled_arrival", "late", "in column CRS_ARR_TIME, such as 'late'"),
        ("distance", "2330 mi", "in column DISTANCE, such as '2330 mi'"),
        (
            "origin",
            "KLAX",
            "12 of 32 rows without a carrier, origin or destination of the usual form, such as 'AA', ",
        ),
    ],
)
def test_a_large_share_that_cannot_be_read_is_refused_with_column_and_value(
    column: str, cell: str, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "flights.csv"
    flights = [{"flight_number": str(number)} for number in range(32)]
    for flight in flights[20:]:
        flight[column] = "@"
    path.write_text(text(flights).replace("@", cell))

    with pytest.raises(TrainingError) as refusal:
        read(path, tmp_path)

    assert sentence in str(refusal.value)
    assert "flights.csv" in str(refusal.value)


def test_a_file_without_usable_flights_is_refused_with_the_counted_reasons(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_text(text([{"cancelled": "1"}, {"cancelled": "1"}, {"arrival_delay": ""}]))

    with pytest.raises(
        TrainingError, match=r"no usable flight: of 3 rows, 2 cancelled, 1 without an arrival delay"
    ):
        read(path, tmp_path)


@pytest.mark.parametrize("name", ["fl*ghts.csv", "fl?ghts.csv", "flights[1].csv", "fl{a,b}.csv"])
def test_a_file_whose_name_is_a_pattern_is_read_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text([{}]))
    for other in ("flights.csv", "flights1.csv", "fla.csv"):
        (tmp_path / other).write_text(text([{"flight_number": "2", "flight_date": "2018-02-02"}]))

    assert rows(read(tmp_path / name, tmp_path)) == [ROW]


ZONED = """
import sys
from pathlib import Path
from tests.training.flights.files import read
print(read(sys.argv[1], Path(sys.argv[2])).period[0])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("machine_zone", "zone"),
    [("America/Los_Angeles", "UTC"), ("Pacific/Kiritimati", "America/New_York"), ("UTC", "Asia/Tokyo")],
)
def test_a_zoned_timestamp_is_the_day_of_its_own_zone_on_every_machine(
    machine_zone: str, zone: str, tmp_path: Path
) -> None:
    midnight = pa.array(["2018-01-31T00:00:00"]).cast(pa.timestamp("us"))
    zoned = pc.assume_timezone(midnight, zone)
    table = {theirs: [FLIGHT[ours]] for theirs, ours in columns("Kaggle").items()} | {"FL_DATE": zoned}
    pq.write_table(pa.table(table), tmp_path / "flights.parquet")

    found = subprocess.run(
        [sys.executable, "-c", ZONED, str(tmp_path / "flights.parquet"), str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "TZ": machine_zone, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )

    assert found.stdout.strip() == "2018-01-31"
