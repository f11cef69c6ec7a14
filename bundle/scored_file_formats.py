"""Files of S3 that are scored: their formats, by the end of their keys, and the marks that are no files."""

from typing import NamedTuple

CSV, JSON_LINES = "csv", "jsonl"
SCORED_SUFFIXES = {".csv": CSV, ".jsonl": JSON_LINES, ".ndjson": JSON_LINES}
PACKED = ".gz"
# Bytes of a larger object that one call scores.
RANGE_BYTES = 64 << 20
# A compressed object is read in one piece: its rows and its result must fit in the function's memory.
MOST_PACKED_BYTES = 64 << 20
MOST_UNPACKED_BYTES = 128 << 20


class FileError(Exception):
    """An object cannot be scored; the message says in one sentence what is wrong, where, and what to do."""


class ScoredFormat(NamedTuple):
    """Format of an object.

    Attributes:
        name: CSV or JSON_LINES.
        suffix: End of its key, without .gz, as the key has it.
        is_packed: Whether it is compressed with gzip, so that it cannot be read in ranges.
    """

    name: str
    suffix: str
    is_packed: bool


def is_hidden(key: str) -> bool:
    """Returns whether an object holds no rows: a folder, or a mark such as _SUCCESS, as Spark and Athena say.

    https://docs.aws.amazon.com/athena/latest/ug/creating-tables-location-format.html
    """
    name = key.rpartition("/")[2]
    return not name or name[0] in "._" or "/_" in f"/{key}"


def is_scored(key: str, prefix: str) -> bool:
    """Returns whether an object that is listed by a prefix belongs to it and may have rows.

    A prefix that ends as the key of a file is the key of that file: a longer key is another file.
    """
    is_key = prefix.lower().removesuffix(PACKED).endswith((*SCORED_SUFFIXES,))
    return not is_hidden(key) and (key == prefix or not is_key)


def unpacked_name(key: str) -> str:
    """Returns a key without .gz: the name of a result, which is not compressed."""
    return key[: -len(PACKED)] if key.lower().endswith(PACKED) else key


def format_of(key: str) -> ScoredFormat:
    """Returns the format of an object.

    Raises:
        FileError: When its key has another suffix.
    """
    is_packed = key.lower().endswith(PACKED)
    plain = unpacked_name(key)
    for suffix, name in SCORED_SUFFIXES.items():
        if plain.lower().endswith(suffix):
            return ScoredFormat(name, plain[-len(suffix) :], is_packed)
    known = ", ".join(SCORED_SUFFIXES)
    raise FileError(
        f"The key {key} ends in none of {known}, with or without {PACKED}: convert the object, or name a "
        "prefix without it."
    )
