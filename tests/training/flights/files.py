"""Files of flights made for tests, and what is read from them."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.data.dataset import Dataset
from training.data.request import DataRequest
from training.flights.fields import FIELDS
from training.flights.reader import flights_reader
from training.flights.sources.dialect import DIALECTS

NAMES = [field.name for field in FIELDS]

# One flight as the sources write it, under the names of the columns here.
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


def read(source: Path | str, cache: Path, **asked: Any) -> Dataset:
    """The flights of a source, with its cache where the test says."""
    return flights_reader(FIELDS)(DataRequest(source=str(source), cache=cache, **asked))


def rows(dataset: Dataset) -> list[dict[str, Any]]:
    """All rows as clients would send them."""
    return [dataset.instance(row, NAMES) for row in range(len(dataset))]


def columns(dialect: str) -> dict[str, str]:
    """The columns of a dialect that are read, and what they are here."""
    (found,) = (one for one in DIALECTS if one.name == dialect)
    return {**found.required, **found.optional}


def text(flights: Sequence[Mapping[str, str]], dialect: str = "Kaggle") -> str:
    """A CSV file of these flights; what they do not say is as in FLIGHT."""
    names = columns(dialect)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([({**FLIGHT, **flight})[role] for role in names.values()] for flight in flights)
    return file.getvalue()
