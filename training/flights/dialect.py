"""The headers that files of flights come with, and what their columns are here."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from training.engines.raw import UNUSED
from training.errors import TrainingError

# A first line longer than this is no header.
LONGEST_HEADER = 65_536


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One way to head the columns of flights.

    Attributes:
        name: For people.
        required: What each column is here that a file must have, by its header.
        optional: The same of those that may be missing.
    """

    name: str
    required: Mapping[str, str]
    optional: Mapping[str, str] = field(default_factory=dict)

    def missing(self, header: Sequence[str]) -> list[str]:
        """The required columns that the header does not have."""
        return [name for name in self.required if name not in header]

    def met(self, header: Sequence[str]) -> int:
        """How many of its columns the header has."""
        return sum(name in header for name in (*self.required, *self.optional))

    def roles(self, header: Sequence[str]) -> list[str]:
        """What each column of the header is here; those of no use are numbered."""
        known = {**self.optional, **self.required}
        return [known.get(name) or f"{UNUSED}{position}" for position, name in enumerate(header)]


_WEB_FORM = {
    "FL_DATE": "flight_date",
    "ORIGIN": "origin",
    "DEST": "destination",
    "CRS_DEP_TIME": "scheduled_departure",
    "ARR_DELAY": "arrival_delay",
}
_WEB_FORM_OPTIONAL = {
    "OP_CARRIER_FL_NUM": "flight_number",
    "CRS_ARR_TIME": "scheduled_arrival",
    "DEP_DELAY": "departure_delay",
    "CANCELLED": "cancelled",
    "DIVERTED": "diverted",
    "DISTANCE": "distance",
}
PREZIP = Dialect(
    name="monthly BTS files",
    required={
        "FlightDate": "flight_date",
        "IATA_CODE_Reporting_Airline": "carrier",
        "Origin": "origin",
        "Dest": "destination",
        "CRSDepTime": "scheduled_departure",
        "ArrDelay": "arrival_delay",
    },
    optional={
        "Flight_Number_Reporting_Airline": "flight_number",
        "CRSArrTime": "scheduled_arrival",
        "DepDelay": "departure_delay",
        "Cancelled": "cancelled",
        "Diverted": "diverted",
        "Distance": "distance",
    },
)
DIALECTS = (
    Dialect(name="Kaggle", required={**_WEB_FORM, "OP_CARRIER": "carrier"}, optional=_WEB_FORM_OPTIONAL),
    Dialect(
        name="BTS export",
        required={**_WEB_FORM, "OP_UNIQUE_CARRIER": "carrier"},
        optional=_WEB_FORM_OPTIONAL,
    ),
    PREZIP,
    Dialect(
        name="nycflights13",
        required={
            "year": "year",
            "month": "month",
            "day": "day",
            "carrier": "carrier",
            "origin": "origin",
            "dest": "destination",
            "sched_dep_time": "scheduled_departure",
            "arr_delay": "arrival_delay",
        },
        optional={
            "flight": "flight_number",
            "sched_arr_time": "scheduled_arrival",
            "dep_delay": "departure_delay",
            "distance": "distance",
        },
    ),
)


def recognised(header: Sequence[str], file: str) -> Dialect:
    """The dialect of a file's header.

    Raises:
        TrainingError: When a column is missing that every file must have, or no column is known.
    """
    closest = min(DIALECTS, key=lambda dialect: (len(dialect.missing(header)), -dialect.met(header)))
    missing = closest.missing(header)
    if not missing:
        return closest
    if closest.met(header):
        raise TrainingError(
            f"{file} has no column {' and no '.join(missing)}, which {closest.name} columns, the closest "
            "known, must have: get it with that column."
        )
    shown = ", ".join(name[:40] for name in header[:5])
    raise TrainingError(
        f"{file} has no column that is known here; it begins with {shown}. Columns of {closest.name} files, "
        f"for one, are {', '.join(closest.required)}."
    )


def header_of(path: Path, file: str) -> list[str]:
    """The names of a file's columns.

    Raises:
        TrainingError: When the file is empty, or broken Parquet.
    """
    if path.suffix.lower() == ".parquet":
        return _parquet_header(path, file)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        first = text.readline(LONGEST_HEADER)
    if not first.strip():
        raise TrainingError(f"{file} is empty: there is not even a header in it.")
    return [name.strip() for name in next(csv.reader([first.replace("\0", "?")]))]


def _parquet_header(path: Path, file: str) -> list[str]:
    try:
        return [str(name) for name in pq.read_schema(path).names]
    except (pa.ArrowException, OSError) as error:
        raise TrainingError(f"{file} cannot be read as Parquet ({_one_line(error)}): get it anew.") from error


def _one_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
