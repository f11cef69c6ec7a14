"""Files of an archive that are tables."""

from collections.abc import Iterable
from pathlib import PurePath

_TABLES = (".csv", ".tsv", ".txt", ".dat", ".data", ".json", ".jsonl", ".ndjson", ".parquet", ".pq")
# Names of files that describe others.
_ABOUT = ("readme", "license", "licence", "copying", "notice", "changelog")


def table_members(names: Iterable[str]) -> list[str]:
    """Lists the names of an archive's tables by their endings, or all names where none has such an ending.

    Folders, hidden files such as those of macOS, and files such as README.txt are left out.
    """
    shown = [name for name in names if not _is_hidden(name)]
    return [name for name in shown if name.lower().removesuffix(".gz").endswith(_TABLES)] or shown


def _is_hidden(name: str) -> bool:
    base = PurePath(name).name.lower()
    is_mac = name.startswith("__MACOSX/") or base.startswith(".")
    return name.endswith("/") or is_mac or base.partition(".")[0] in _ABOUT
