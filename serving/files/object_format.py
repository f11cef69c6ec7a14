"""Formats of the objects that are scored, by the end of their keys."""

import zlib
from typing import NamedTuple

CSV, JSON_LINES = "csv", "jsonl"
MEDIA_TYPES = {CSV: "text/csv; charset=utf-8", JSON_LINES: "application/jsonlines"}
_SUFFIXES = {".csv": CSV, ".jsonl": JSON_LINES, ".ndjson": JSON_LINES}
_PACKED = ".gz"
# A compressed object is read in one piece: its rows and its result must fit in the function's memory.
MOST_UNPACKED_BYTES = 128 << 20
# wbits of a gzip header: https://docs.python.org/3/library/zlib.html#zlib.decompress
_GZIP = 31


class FileError(Exception):
    """An object cannot be scored; the message says in one sentence what is wrong, where, and what to do."""


class ObjectFormat(NamedTuple):
    """Format of an object.

    Attributes:
        name: CSV or JSON_LINES.
        suffix: End of its key, without .gz.
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


def format_of(key: str) -> ObjectFormat:
    """Returns the format of an object.

    Raises:
        FileError: When its key has another suffix.
    """
    is_packed = key.endswith(_PACKED)
    plain = key.removesuffix(_PACKED)
    for suffix, name in _SUFFIXES.items():
        if plain.endswith(suffix):
            return ObjectFormat(name, suffix, is_packed)
    known = ", ".join(_SUFFIXES)
    raise FileError(
        f"The key {key} ends in none of {known}, with or without {_PACKED}: convert the object, or name a "
        "prefix without it."
    )


def unpack(key: str, content: bytes) -> bytes:
    """Unpacks the content of a compressed object.

    Raises:
        FileError: When it is damaged, or too large.
    """
    found, size = [], 0
    while content:
        stream = zlib.decompressobj(_GZIP)
        try:
            found.append(stream.decompress(content, MOST_UNPACKED_BYTES - size + 1))
        except zlib.error as error:
            raise FileError(f"{key} is no gzip file ({error}): compress it again.") from error
        size += len(found[-1])
        if size > MOST_UNPACKED_BYTES:
            raise FileError(
                f"{key} unpacks to more than {MOST_UNPACKED_BYTES >> 20} MB: store it uncompressed, which "
                "several calls can read in ranges."
            )
        if not stream.eof:
            raise FileError(f"{key} is truncated: upload it again.")
        content = stream.unused_data
    return b"".join(found)
