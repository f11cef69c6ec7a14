"""Settings that name a folder of data in S3: scoring_data, data and weather."""

import re
from typing import Any

# Their value for a folder of the stack's own bucket.
OWN_FOLDER = "own"

# A bucket and a folder of it, without the wildcards of IAM.
_BUCKET = r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_PART = r"(?:/[^\x00-\x1f\x7f*?$/]{1,200})"
_FOLDER = re.compile(_BUCKET + _PART + "{1,20}")
_FOLDER_OR_BUCKET = re.compile(_BUCKET + _PART + "{0,20}/?")


def parse_scoring_data(value: Any) -> str:
    """Returns `own`, or the S3 URI of a folder without a slash at its end.

    Raises:
        ValueError: With what is allowed.
    """
    if value == OWN_FOLDER:
        return OWN_FOLDER
    if isinstance(value, str) and _FOLDER.fullmatch(folder := value.removesuffix("/")):
        return folder
    raise ValueError("own, for scores/ in the stack's bucket, or the S3 URI of a folder, s3://bucket/folder")


def parse_data(value: Any) -> str:
    """Returns `own`, or the S3 URI of a folder or bucket, which ends in a slash.

    Raises:
        ValueError: With what is allowed.
    """
    return _parse_read_folder(value, content="rows", own="rows/")


def parse_weather(value: Any) -> str:
    """Returns the same for the folder of the weather.

    Raises:
        ValueError: With what is allowed.
    """
    return _parse_read_folder(value, content="hourly weather", own="weather/")


def _parse_read_folder(value: Any, *, content: str, own: str) -> str:
    if value == OWN_FOLDER:
        return OWN_FOLDER
    if isinstance(value, str) and _FOLDER_OR_BUCKET.fullmatch(value):
        return f"{value.removesuffix('/')}/"
    raise ValueError(
        f"the S3 URI of a folder of {content}, such as s3://bucket/folder/, or own, for {own} in the stack's "
        "bucket"
    )
