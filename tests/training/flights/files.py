"""Generated files of flights, and the rows expected from them."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.data.data_options import DataOptions
from training.data.dataset import Dataset
from training.flights.reader import flights_reader
from training.flights.request_fields import FIELDS
from training.flights.sources.dialect import DIALECTS

NAMES = [field.name for field in FIELDS]

# One flight in the format of the sources, by the project's column names.
FLIGHT = {
    "flight_date": "2018-01-31",
    "year": "2018",
    "month": "1",
    "day": "31",
    "carrier": "AA",
    "flight_number": "1",
    "origin": "LAX",
    "destination": "PBI",
    "scheduled_departure": "0905",
    "scheduled_arrival": "1710.0",
    "departure_delay": "-3.0",
    "arrival_delay": "15.00",
    "cancelled": "0.00",
    "diverted": "0",
    "distance": "2330.00",
    "tail_number": "",
}
ROW = {
    "carrier": "AA",
    "flight_date": "2018-01-31",
    "origin": "LAX",
    "destination": "PBI",
    "scheduled_departure": "09:05",
    "scheduled_arrival": "17:10",
    "distance": 2330.0,
    "departure_delay": -3.0,
}


def read(source: Path | str, cache: Path, **options: Any) -> Dataset:
    """Reads the flights of a source, with the given cache folder."""
    return flights_reader(FIELDS)(DataOptions(source=str(source), cache=cache, **options))


def rows(dataset: Dataset) -> list[dict[str, Any]]:
    """Returns all rows as request instances."""
    return [dataset.instance(row, NAMES) for row in range(len(dataset))]


def columns(dialect: str) -> dict[str, str]:
    """Maps the columns of a dialect to the project's column names."""
    (found,) = (one for one in DIALECTS if one.name == dialect)
    return {**found.required, **found.optional}


def text(flights: Sequence[Mapping[str, str]], dialect: str = "Kaggle") -> str:
    """Returns a CSV file of these flights; FLIGHT has the values that are not given."""
    names = columns(dialect)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([({**FLIGHT, **flight})[column] for column in names.values()] for flight in flights)
    return file.getvalue()
