"""Flights and hourly weather of the sample, as the files of a user."""

import csv
import io
import random
import zipfile
from collections.abc import Mapping, Sequence

from training.flights.sources.sample import sample_source, sample_weather
from training.flights.weather.hourly_join import WEATHER_COLUMNS

_SHARE = 0.2
_LABEL = "arr_delay"

Row = Mapping[str, str]


def some_flights(months: Sequence[int]) -> dict[int, list[Row]]:
    """Returns every fifth flight or so of each month of the sample, the same ones each time."""
    [file] = sample_source().files
    choose = random.Random(1)  # noqa: S311 - the same rows each time
    found: dict[int, list[Row]] = {month: [] for month in months}
    with zipfile.ZipFile(file.path) as packed, packed.open(file.member or "") as text:
        for row in csv.DictReader(io.TextIOWrapper(text, encoding="utf-8")):
            if choose.random() < _SHARE and int(row["month"]) in found:
                found[int(row["month"])].append(row)
    return found


def shuffled(rows: Sequence[Row]) -> list[Row]:
    """Returns the rows with each other's delays, from which nothing can be learned."""
    labels = [row[_LABEL] for row in rows]
    random.Random(2).shuffle(labels)  # noqa: S311 - the same rows each time
    return [{**row, _LABEL: label} for row, label in zip(rows, labels, strict=True)]


def hourly_weather(months: Sequence[int]) -> bytes:
    """Returns the weather of the months at the airports of the sample, as a file for `--weather`."""
    with sample_weather().open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if int(row["month"]) in months]
    return as_csv(
        [{"airport": row["origin"], "local_time": _local_time(row), **_observed(row)} for row in rows]
    )


def _local_time(row: Row) -> str:
    return f"{row['year']}-{int(row['month']):02}-{int(row['day']):02} {int(row['hour']):02}:00"


def _observed(row: Row) -> Row:
    """Returns the observations of a row by the names of the documented columns; "" for absent ones."""
    return {column: row[name].replace("NA", "") for column, name in WEATHER_COLUMNS.items()}


def as_csv(rows: Sequence[Row]) -> bytes:
    """Returns the rows as a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
