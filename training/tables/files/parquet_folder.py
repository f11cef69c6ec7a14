"""Folder of Parquet files as Spark, Hive and pandas write it: its data files, and columns by folder names."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa

from training.errors import TrainingError

PARQUET_SUFFIXES = (".parquet", ".pq")
_PARQUET_MARK = b"PAR1"
# Beginnings of the names of files that other programs keep beside the data.
_HIDDEN = ("_", ".")
_OTHER_TABLES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".orc", ".avro")
# Files and folders of table formats, which may keep files of removed rows.
_LOGS = {"_delta_log": "Delta Lake", ".hoodie": "Apache Hudi", "metadata/version-hint.text": "Apache Iceberg"}
# Hive's name for an absent value.
_ABSENT = "__HIVE_DEFAULT_PARTITION__"


def parquet_files(folder: Path) -> list[Path]:
    """Lists the Parquet files in a folder and those below it, in the order of their paths.

    Files of Hive have no suffix, and are recognized by their first bytes.

    Raises:
        TrainingError: When the folder is that of a format whose log says which files count, or has tables in
            another format too.
    """
    for log, format_ in _LOGS.items():
        if (folder / log).exists():
            raise TrainingError(
                f"{folder} is a table of {format_}, whose log says which of its files count: write its rows "
                "as Parquet files to another folder."
            )
    shown = [
        path
        for path in sorted(folder.rglob("*"))
        if not any(part.startswith(_HIDDEN) for part in path.relative_to(folder).parts) and path.is_file()
    ]
    found = [path for path in shown if _is_parquet(path)]
    others = [path for path in shown if path.name.lower().removesuffix(".gz").endswith(_OTHER_TABLES)]
    if found and others:
        raise TrainingError(
            f"{folder} has {others[0].name} beside Parquet files: move one of both to another folder."
        )
    return found


def _is_parquet(path: Path) -> bool:
    if path.suffix:
        return path.suffix.lower() in PARQUET_SUFFIXES
    with path.open("rb") as file:
        return file.read(len(_PARQUET_MARK)) == _PARQUET_MARK


def partitions(files: Sequence[Path]) -> list[Mapping[str, pa.Scalar]]:
    """Returns the columns by the names of the folders right above each file, such as `year=2024`.

    A column is one of integers if the values of all files are, and else one of texts; it is null for a file
    without it.
    """
    found = [_pairs(path) for path in files]
    keys = list(dict.fromkeys(key for pairs in found for key in pairs))
    columns = {key: _typed([pairs.get(key) for pairs in found]) for key in keys}
    return [{key: column[place] for key, column in columns.items()} for place in range(len(files))]


def _pairs(path: Path) -> dict[str, str | None]:
    names: list[str] = []
    for folder in path.absolute().parents:
        if "=" not in folder.name.strip("="):
            break
        names.insert(0, folder.name)
    pairs = (name.partition("=") for name in names)
    return {unquote(key): None if value == _ABSENT else unquote(value) for key, _, value in pairs}


def _typed(values: Sequence[str | None]) -> Any:
    texts = pa.array(values, pa.string())
    try:
        return texts.cast(pa.int64())
    except pa.ArrowInvalid:
        return texts
