"""What `--data` says, as files on this machine."""

from dataclasses import dataclass
from pathlib import Path

from training.data.request import DataRequest
from training.errors import TrainingError
from training.flights.sources.bts_site import fetched
from training.flights.sources.months import Month, months
from training.flights.sources.s3_files import downloaded
from training.flights.sources.unpacking import members

SUFFIXES = (".csv", ".csv.gz", ".zip", ".parquet")
KINDS = (
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
    """One file of flights, or one inside an archive.

    Attributes:
        path: The file on this machine.
        member: Its name inside a zip archive, "" if it is in none.
        month: The only month whose flights it may hold, None for any.
    """

    path: Path
    member: str = ""
    month: Month | None = None

    @property
    def name(self) -> str:
        """Where it is, for people."""
        return f"{self.path} ({self.member})" if self.member else str(self.path)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Files of flights, and what they are together, for people."""

    name: str
    files: tuple[SourceFile, ...]


def found(request: DataRequest) -> Source:
    """The files that a job's source names, fetched if they are elsewhere.

    Raises:
        TrainingError: When there are none, or they cannot be had.
    """
    source = request.source
    if source.startswith(_BTS):
        wanted = months(source.removeprefix(_BTS))
        files = [
            SourceFile(path=path, member=members(path)[0], month=month)
            for month in wanted
            for path in [fetched(month, request)]
        ]
        return Source(name=f"US flights of {_span(wanted)}, from the BTS", files=tuple(files))
    paths = downloaded(source, SUFFIXES, request) if source.startswith(_S3) else _matching(source)
    files = [file for path in paths for file in _files(path)]
    return Source(name=source if source.startswith(_S3) else _together(files), files=tuple(files))


def _matching(pattern: str) -> list[Path]:
    if Path(pattern).is_file():
        return [Path(pattern)]
    if Path(pattern).is_dir():
        raise TrainingError(f"{pattern} is a folder: name files, such as '{pattern.rstrip('/')}/*.csv'.")
    anchor = Path(Path(pattern).anchor or ".")
    paths = sorted(path for path in anchor.glob(str(Path(pattern).relative_to(anchor))) if path.is_file())
    if not paths:
        raise TrainingError(f"There is no file {pattern}. Data can be {'; '.join(KINDS)}.")
    return paths


def _files(path: Path) -> list[SourceFile]:
    if not path.name.lower().endswith(SUFFIXES):
        raise TrainingError(f"{path} is of no kind that is read here: {', '.join(SUFFIXES)}.")
    if path.suffix.lower() == ".zip":
        return [SourceFile(path=path, member=member) for member in members(path)]
    return [SourceFile(path=path)]


def _together(files: list[SourceFile]) -> str:
    first, last = files[0], files[-1]
    if len(files) == 1:
        return first.path.name
    return f"{len(files)} files, {first.member or first.path.name} to {last.member or last.path.name}"


def _span(wanted: list[Month]) -> str:
    return str(wanted[0]) if len(wanted) == 1 else f"{wanted[0]} to {wanted[-1]}"
