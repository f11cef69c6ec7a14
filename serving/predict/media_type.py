"""Content-Type and Accept: formats of request and response bodies."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from serving.problem import Problem

JSON_TYPE = "application/json"
CSV_TYPE = "text/csv"
# The first is SageMaker's name. No name is registered with IANA; the others are in use.
JSON_LINES_TYPES = (
    *("application/jsonlines", "application/x-jsonlines", "application/jsonl", "application/x-jsonl"),
    *("application/ndjson", "application/x-ndjson"),
)
JSON_LINES_TYPE = JSON_LINES_TYPES[0]

# Content-Type of responses. CSV has a charset, because some clients read text as Latin-1 by default.
CONTENT_TYPES = {
    JSON_TYPE: b"application/json",
    CSV_TYPE: b"text/csv; charset=utf-8",
    **{name: name.encode() for name in JSON_LINES_TYPES},
}
_NAMES = f"{JSON_TYPE}, {JSON_LINES_TYPE} or {CSV_TYPE}"

_UTF8 = frozenset({"utf-8", "utf8", "us-ascii"})
_HEADER = {"present": True, "absent": False}
_QVALUE = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


class BodyFormat(NamedTuple):
    """Format of a request or response body.

    Attributes:
        media_type: JSON_TYPE, CSV_TYPE, or one of JSON_LINES_TYPES.
        header: Whether a CSV has a header line; None when the media type does not specify it.
    """

    media_type: str = JSON_TYPE
    header: bool | None = None


class _Range(NamedTuple):
    media_type: str
    parameters: dict[str, str]


def content_format(content_type: str) -> BodyFormat:
    """Parses a Content-Type.

    Raises:
        Problem: 415 unless it is JSON, JSON Lines or CSV in UTF-8, and a `header` of CSV is present or absent
            (RFC 4180).
    """
    found = _parse(content_type)
    if found.media_type not in CONTENT_TYPES or not _is_utf8(found):
        raise Problem(
            415,
            f"The content type is {content_type[:100]!r}: send {_NAMES}, in UTF-8.",
        )
    header = found.parameters.get("header") if found.media_type == CSV_TYPE else None
    if header is not None and header not in _HEADER:
        raise Problem(
            415,
            f"The header of {CSV_TYPE} is {header[:100]!r}: send present, absent, or no header parameter.",
        )
    return BodyFormat(found.media_type, _HEADER.get(header or ""))


def accepted_format(accept: str) -> BodyFormat:
    """Returns the preferred format of an Accept header (RFC 9110, section 12.5.1); JSON on a tie.

    Raises:
        Problem: 406 when the header accepts none of JSON, JSON Lines and CSV.
    """
    ranges = [_parse(part) for part in accept.split(",")] if accept.strip() else [_Range("*/*", {})]
    offers = [offer for media_type in CONTENT_TYPES for offer in _offers(media_type, ranges)]
    quality, _, best = max(offers, key=lambda offer: offer[:2], default=(0.0, 0, BodyFormat()))
    if quality <= 0:
        raise Problem(406, f"The answer may be {_NAMES}, and Accept is {accept[:100]!r}.")
    return best


def _offers(media_type: str, ranges: list[_Range]) -> Iterator[tuple[float, int, BodyFormat]]:
    """Yields quality, specificity and format of the most specific range that matches a media type."""
    kind = media_type.partition("/")[0]
    for specificity, name in ((2, media_type), (1, f"{kind}/*"), (0, "*/*")):
        for found in ranges:
            if found.media_type == name and _is_utf8(found):
                header = (
                    _HEADER.get(found.parameters.get("header", ""), True) if media_type == CSV_TYPE else None
                )
                yield _quality(found), specificity, BodyFormat(media_type, header)
                return


def _quality(found: _Range) -> float:
    value = found.parameters.get("q", "1")
    return float(value) if _QVALUE.fullmatch(value) else 0.0


def _is_utf8(found: _Range) -> bool:
    return found.parameters.get("charset", "utf-8") in _UTF8


def _parse(text: str) -> _Range:
    media_type, *parameters = text.lower().split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    return _Range(media_type.strip(), {name.strip(): value.strip(' \t"') for name, _, value in pairs})
