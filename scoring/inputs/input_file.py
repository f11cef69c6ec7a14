"""Files to score: those of a path, a pattern or a URI of S3, and those inside archives."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from glob import escape
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from scoring.errors import ScoringError
from training.data.data_options import DataOptions
from training.data.download import SCHEMES, local_file
from training.errors import TrainingError
from training.flights.sources.source import SourceFile, find_files
from training.flights.sources.unpacking import COMPRESSIONS, unpacked
from training.tables.files.archive_members import table_members
from training.tables.files.file_kind import check_regular
from training.tables.files.parquet_folder import PARQUET_SUFFIXES, parquet_files, partitions

if TYPE_CHECKING:
    from training.progress import Progress

_S3 = "s3://"
_TEXTS = (".csv", ".tsv", ".txt", ".dat", ".data")
JSON_LINES_SUFFIXES = (".jsonl", ".ndjson", ".jsonlines")
JSON_SUFFIXES = (*JSON_LINES_SUFFIXES, ".json")
_PLAIN = (*_TEXTS, *JSON_SUFFIXES)
_PACKED = (*_PLAIN, *(f"{suffix}.gz" for suffix in _PLAIN), *PARQUET_SUFFIXES)
_COMPRESSED = tuple(f"{one}{other}" for one in _PLAIN for other in COMPRESSIONS)
INPUT_SUFFIXES = (*_PLAIN, *_COMPRESSED, *PARQUET_SUFFIXES, ".zip")
INPUTS = (
    "a PATH, 'PATTERN' or URL of .csv, .tsv, .txt, .dat, .data, .jsonl, .ndjson or .json",
    "these as .gz, .bz2, .xz, .zst or .zip",
    ".parquet, or a folder of such files",
    "s3://BUCKET/KEY-OR-PREFIX",
)


def find_inputs(source: str, *, cache: Path, progress: "Progress") -> list[SourceFile]:
    """Lists the files to score, in the order of their names.

    Raises:
        ScoringError: When there are none, one has another suffix, or a download fails.
    """
    options = DataOptions(source=source, cache=cache, progress=progress)
    try:
        if source.startswith(SCHEMES):
            options = replace(options, source=escape(str(local_file(options))))
        elif folders := matching_folders(source):
            return _of_folders(source, folders)
        if options.source == source and "://" not in source and _is_other_name(Path(source)):
            check_regular(Path(source), source)
            return [SourceFile(path=Path(source))]
        found = find_files(options, INPUT_SUFFIXES, _PACKED, INPUTS)
        found = [file for file in found if not file.member or table_members([file.member])]
        is_prefix = source.startswith(_S3) and not source.lower().endswith(INPUT_SUFFIXES)
        return _with_folders(found) if is_prefix else found
    except TrainingError as error:
        raise ScoringError(f"{error}") from error
    except OSError as error:
        raise ScoringError(f"{source} cannot be read ({error.strerror}): check its path.") from error


def _is_other_name(path: Path) -> bool:
    """Whether a path is that of a folder, or of a file whose suffix belongs to no known format."""
    return path.exists() and not (path.is_file() and path.name.lower().endswith(INPUT_SUFFIXES))


def matching_folders(source: str) -> list[Path]:
    """Lists the folders of a path or a pattern, if nothing else matches it."""
    if Path(source).exists():
        return [Path(source)] if Path(source).is_dir() else []
    anchor = Path(Path(source).anchor or ".")
    found = sorted(anchor.glob(str(Path(source).relative_to(anchor)))) if "://" not in source else []
    found = [path for path in found if not path.name.startswith(("_", "."))]
    return found if all(path.is_dir() for path in found) else []


def _of_folders(source: str, folders: Sequence[Path]) -> list[SourceFile]:
    paths = [path for folder in folders for path in parquet_files(folder)]
    if not paths:
        raise ScoringError(
            f"{source} is a folder without Parquet files: name its files, such as "
            f"'{str(folders[0]).rstrip('/')}/*.csv'."
        )
    return _with_folders([SourceFile(path=path) for path in paths])


def _with_folders(files: Sequence[SourceFile]) -> list[SourceFile]:
    """Copies Parquet files with the columns by the names of their folders."""
    columns = partitions([file.path for file in files])
    return [replace(file, folders=found) for file, found in zip(files, columns, strict=True)]


def suffix_of(file: SourceFile) -> str:
    """Returns the suffix of a file's format: ".csv" for flights.csv.gz in an archive; "" for one of Hive."""
    name = PurePath((file.member or file.path.name).lower())
    return PurePath(name.stem).suffix if name.suffix in COMPRESSIONS else name.suffix


@contextmanager
def plain(file: SourceFile, folder: Path) -> Iterator[Path]:
    """Unpacks a file into a temporary folder of `folder`, unless it is plain.

    Raises:
        ScoringError: When it is missing, truncated or damaged, or the disk is full.
    """
    if not file.is_packed:
        yield file.path
        return
    try:
        with unpacked(file.path, file.member, folder, f"rows{suffix_of(file)}") as path:
            yield path
    except TrainingError as error:
        raise ScoringError(f"{error}") from error


def unique_names(header: Sequence[str]) -> list[str]:
    """Returns the names of output columns: one without a name, or with one that is taken, gets a number."""
    names: list[str] = []
    taken = {name for name in header if name}
    for position, name in enumerate(header, start=1):
        found = name or f"column_{position}"
        count = 2
        while found in names or (found != name and found in taken):
            found = f"{name or 'column'}_{count}"
            count += 1
        names.append(found)
    return names
