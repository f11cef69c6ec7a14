"""Resolves `--data` to flights files on this machine."""

from dataclasses import dataclass
from pathlib import Path

from training.data.data_options import DataOptions
from training.errors import TrainingError
from training.flights.sources.bts_site import fetch_month
from training.flights.sources.months import Month, parse_months
from training.flights.sources.s3_files import download_objects
from training.flights.sources.unpacking import csv_members

SUFFIXES = (".csv", ".csv.gz", ".zip", ".parquet")
FLIGHT_SOURCES = (
    "sample",
    "bts:YYYY",
    "bts:YYYY-MM",
    "bts:YYYY-MM..YYYY-MM",
    "PATH or 'PATTERN' of .csv, .csv.gz, .zip or .parquet",
    "s3://BUCKET/KEY-OR-PREFIX",
)
_BTS, _S3 = "bts:", "s3://"


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One flights file, plain or inside an archive.

    Attributes:
        path: The file on this machine.
        member: Name of the CSV file inside a zip archive; "" outside an archive.
        month: The only month that its flights may have; None for any.
    """

    path: Path
    member: str = ""
    month: Month | None = None

    @property
    def is_packed(self) -> bool:
        """Whether the file is compressed."""
        return bool(self.member) or self.path.suffix.lower() == ".gz"

    @property
    def name(self) -> str:
        """The file's name in messages."""
        return f"{self.path} ({self.member})" if self.member else str(self.path)


@dataclass(frozen=True, kw_only=True)
class FlightSource:
    """Flights files and their common name in messages."""

    name: str
    files: tuple[SourceFile, ...]


def find_source(options: DataOptions) -> FlightSource:
    """Lists the files that the options' source names; downloads those of the BTS site and of S3.

    Raises:
        TrainingError: When there are none, or a download fails.
    """
    source = options.source
    if source.startswith(_BTS):
        wanted = parse_months(source.removeprefix(_BTS))
        files = [
            SourceFile(path=path, member=csv_members(path)[0], month=month)
            for month in wanted
            for path in [fetch_month(month, options)]
        ]
        return FlightSource(name=f"US flights of {_span(wanted)}, from the BTS", files=tuple(files))
    paths = download_objects(source, SUFFIXES, options) if source.startswith(_S3) else _matching(source)
    files = [file for path in paths for file in _files(path)]
    return FlightSource(name=source if source.startswith(_S3) else _joint_name(files), files=tuple(files))


def _matching(pattern: str) -> list[Path]:
    if Path(pattern).is_file():
        return [Path(pattern)]
    if Path(pattern).is_dir():
        raise TrainingError(f"{pattern} is a folder: name files, such as '{pattern.rstrip('/')}/*.csv'.")
    anchor = Path(Path(pattern).anchor or ".")
    paths = sorted(path for path in anchor.glob(str(Path(pattern).relative_to(anchor))) if path.is_file())
    if not paths:
        raise TrainingError(f"There is no file {pattern}. Data can be {'; '.join(FLIGHT_SOURCES)}.")
    return paths


def _files(path: Path) -> list[SourceFile]:
    if not path.name.lower().endswith(SUFFIXES):
        raise TrainingError(f"{path} has none of the suffixes {', '.join(SUFFIXES)}: convert or rename it.")
    if path.suffix.lower() == ".zip":
        return [SourceFile(path=path, member=member) for member in csv_members(path)]
    return [SourceFile(path=path)]


def _joint_name(files: list[SourceFile]) -> str:
    first, last = files[0], files[-1]
    if len(files) == 1:
        return first.path.name
    return f"{len(files)} files, {first.member or first.path.name} to {last.member or last.path.name}"


def _span(wanted: list[Month]) -> str:
    return str(wanted[0]) if len(wanted) == 1 else f"{wanted[0]} to {wanted[-1]}"
