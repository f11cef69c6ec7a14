"""Resolves `--data` to flights files on this machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.data.data_options import DataOptions
from training.errors import TrainingError
from training.flights.sources.bts_site import fetch_month
from training.flights.sources.months import Month, parse_months
from training.flights.sources.unpacking import COMPRESSIONS, PACKED_CSV, csv_members

# Of files of flights, and of files of weather.
DATA_SUFFIXES = (".csv", ".csv.gz", ".zip", ".parquet")
FILE_SOURCES = ("PATH or 'PATTERN' of .csv, .csv.gz, .zip or .parquet", "s3://BUCKET/KEY-OR-PREFIX")
FLIGHT_SOURCES = ("sample", "bts:YYYY", "bts:YYYY-MM", "bts:YYYY-MM..YYYY-MM", *FILE_SOURCES)
_BTS, _S3 = "bts:", "s3://"


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One flights file, plain or inside an archive.

    Attributes:
        path: The file on this machine.
        member: Name of the CSV file inside a zip archive; "" outside an archive.
        month: The only month that its flights may have; None for any.
        folders: Columns with one value for all rows, by the names of its folders; of rows to score only.
    """

    path: Path
    member: str = ""
    month: Month | None = None
    folders: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_packed(self) -> bool:
        """Whether the file is compressed."""
        return bool(self.member) or self.path.suffix.lower() in COMPRESSIONS

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
    files = find_files(options, DATA_SUFFIXES, PACKED_CSV, FLIGHT_SOURCES)
    return FlightSource(name=source if source.startswith(_S3) else _joint_name(files), files=tuple(files))


def find_files(
    options: DataOptions,
    suffixes: tuple[str, ...],
    packed: tuple[str, ...],
    described: Sequence[str],
    title: str = "data",
) -> list[SourceFile]:
    """Lists the files of a path, a pattern or a URI of S3, and those inside archives.

    Args:
        options: Options with the source.
        suffixes: Suffixes that a file may have.
        packed: Suffixes that a file inside an archive may have.
        described: Forms of a source, for messages.
        title: What the files have, for messages.

    Raises:
        TrainingError: When there are none, one has another suffix, or a download fails.
    """
    source = options.source
    if source.startswith(_S3):
        # Files on this machine must not wait for boto3.
        from training.flights.sources.s3_files import download_objects

        paths = download_objects(source, suffixes, options)
    else:
        paths = _matching(source, described, title)
    return [file for path in paths for file in _files(path, suffixes, packed)]


def _matching(pattern: str, described: Sequence[str], title: str) -> list[Path]:
    if Path(pattern).is_file():
        return [Path(pattern)]
    if Path(pattern).is_dir():
        raise TrainingError(f"{pattern} is a folder: name files, such as '{pattern.rstrip('/')}/*.csv'.")
    anchor = Path(Path(pattern).anchor or ".")
    found = anchor.glob(str(Path(pattern).relative_to(anchor)))
    paths = sorted(path for path in found if path.is_file() and not _is_mark(path.name, Path(pattern).name))
    if not paths:
        forms = "; ".join(described)
        raise TrainingError(f"There is no file {pattern}. {title.capitalize()} can be {forms}.")
    return paths


def _is_mark(name: str, pattern: str) -> bool:
    """Returns whether a file is a mark such as _SUCCESS, or hidden, unless the pattern names such files."""
    return name.startswith(("_", ".")) and not pattern.startswith(name[0])


def _files(path: Path, suffixes: tuple[str, ...], packed: tuple[str, ...]) -> list[SourceFile]:
    if not path.name.lower().endswith(suffixes):
        raise TrainingError(f"{path} has none of the suffixes {', '.join(suffixes)}: convert or rename it.")
    if path.suffix.lower() == ".zip":
        return [SourceFile(path=path, member=member) for member in csv_members(path, packed)]
    return [SourceFile(path=path)]


def _joint_name(files: list[SourceFile]) -> str:
    first, last = files[0], files[-1]
    if len(files) == 1:
        return first.path.name
    return f"{len(files)} files, {first.member or first.path.name} to {last.member or last.path.name}"


def _span(wanted: list[Month]) -> str:
    return str(wanted[0]) if len(wanted) == 1 else f"{wanted[0]} to {wanted[-1]}"
