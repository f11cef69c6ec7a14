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
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_MOST_KEY_BYTES = 1_024


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


def result_keys(key: str, *, prefix: str, output: str, part: int = 0) -> tuple[str, str]:
    """Returns the keys of the results of an object: its answered rows and its refused rows.

    Args:
        key: Key of the object.
        prefix: Prefix of the run's objects; the results are named by what follows its folder.
        output: Prefix of the results, which ends in a slash.
        part: Number of a part, from 1 on; 0 for the whole object.

    Raises:
        FileError: The object has another format.
    """
    name = unpacked_name(key[prefix.rfind("/") + 1 :])
    if part:
        suffix = format_of(key).suffix
        name = f"{name.removesuffix(suffix)}.part-{part:05d}{suffix}"
    return f"{output}{name}", f"{output}_refused/{name}.csv"


def check_result_keys(key: str, *, prefix: str, output: str) -> None:
    """Checks that S3 takes the keys of the results of an object, of its parts too.

    Raises:
        FileError: It does not, or the object has another format.
    """
    # The numbers of all parts have as many digits.
    longest = max(len(name.encode()) for name in result_keys(key, prefix=prefix, output=output, part=1))
    if longest > _MOST_KEY_BYTES:
        raise FileError(
            f"{key} has a name that is too long by {longest - _MOST_KEY_BYTES:,} bytes for the names of its "
            "results: rename it, or name a shorter folder of results."
        )


def check_packed_size(key: str, size: int) -> None:
    """Checks that a compressed object has no more bytes than one call can read.

    Raises:
        FileError: It has more, or its key has another suffix.
    """
    if format_of(key).is_packed and size > MOST_PACKED_BYTES:
        raise FileError(
            f"{key} has {size:,} bytes, and {MOST_PACKED_BYTES:,} are the most of a compressed object: "
            "store it uncompressed, which several calls can read in ranges."
        )


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
