"""A small CSV file of flights whose delays depend on hour and carrier."""

import csv
from pathlib import Path

import numpy as np

HEADER = (
    "FL_DATE",
    "OP_CARRIER",
    "OP_CARRIER_FL_NUM",
    "ORIGIN",
    "DEST",
    "CRS_DEP_TIME",
    "DEP_DELAY",
    "ARR_DELAY",
)


def write_flights(path: Path, *, days: int, a_day: int) -> Path:
    """Writes flights with the columns of the Kaggle files; delays grow over the day."""
    random = np.random.default_rng(0)
    first = np.datetime64("2018-01-01")
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER)
        for day in range(days):
            for number in range(a_day):
                carrier, hour = random.choice(["AA", "B6", "DL"]), int(random.integers(5, 23))
                origin, destination = random.choice(["BOS", "JFK", "LAX", "SFO", "ORD"], 2, replace=False)
                late = random.normal(hour - 14 + 8 * (carrier == "B6"), 12)
                cells = (first + day, carrier, number + 1, origin, destination, hour * 100)
                rows.writerow((*cells, round(late - random.normal(0, 8)), round(late)))
    return path
