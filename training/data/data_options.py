"""Options of a training run's data: source of the rows, and how to read them."""

import argparse
import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from training.engines.engine import ENGINES
from training.errors import TrainingError
from training.progress import SILENT, Progress

if TYPE_CHECKING:
    # A program that only finds files must not wait for pandas.
    from training.data.dataset import Dataset

SAMPLE = "sample"
MAX_HOLDOUT = 3_660


def current_day() -> datetime.date:
    """Returns the day in UTC."""
    return datetime.datetime.now(datetime.UTC).date()


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """Source of the rows and how to read them.

    Attributes:
        source: Value of `--data`: `sample`, a path, a pattern of paths, or a URI.
        engine: Engine that cleans flights: duckdb, spark or athena.
        master: URL of Spark's cluster; "" for this machine.
        bucket: S3 bucket of Athena's tables and results.
        weather: Value of `--weather`: `iem`, a path, a pattern of paths, or a URI; "" for the source's own.
        weather_site: URL of the archive of `iem`.
        site: URL of the folder with the monthly files of all US flights.
        cache: Folder of downloaded files.
        holdout: Number of newest days that are left out for a judge; without dates, any number leaves out a
            tenth of the rows.
        progress: Shows downloads and steps.
        sleep: Pauses for so many seconds between the tries of a download.
        today: Returns the current day, which decides the months that can be published.
    """

    source: str = SAMPLE
    engine: str = ENGINES[0]
    master: str = ""
    bucket: str = ""
    weather: str = ""
    weather_site: str = "https://mesonet.agron.iastate.edu/cgi-bin/request/asos.py"
    site: str = "https://transtats.bts.gov/PREZIP"
    cache: Path = field(default=Path("build") / "data")
    holdout: int = 0
    progress: Progress = SILENT
    sleep: Callable[[float], None] = time.sleep
    today: Callable[[], datetime.date] = current_day


def only_sample(make: "Callable[[], Dataset]") -> "Callable[[DataOptions], Dataset]":
    """Makes the reader of a model that has no data but its sample."""

    def read(options: DataOptions) -> "Dataset":
        if options.source != SAMPLE:
            raise TrainingError(
                f"This model has no data {options.source!r}, only its {SAMPLE}: leave --data out."
            )
        return make()

    return read


def add_holdout(group: "argparse._ActionsContainer") -> None:
    """Adds the option `--holdout` to a command that trains."""
    group.add_argument(
        "--holdout",
        type=int,
        default=0,
        metavar="DAYS",
        help="leave out the newest DAYS for `python -m training judge` (rows without dates: a tenth of them)",
    )


def check_holdout(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Ends the process with exit code 2 when the number of days is wrong."""
    if not 0 <= options.holdout <= MAX_HOLDOUT:
        parser.error(f"--holdout {options.holdout} is not a whole number of days from 0 to {MAX_HOLDOUT}")
