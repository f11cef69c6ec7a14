"""Content types and Accept: in which form a body comes, and in which the answer goes."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from serving.problem import Problem

JSON = "application/json"
CSV = "text/csv"

# With its charset, because some clients read text as Latin-1 unless told.
_CONTENT_TYPES = {JSON: b"application/json", CSV: b"text/csv; charset=utf-8"}

_UTF8 = frozenset({"utf-8", "utf8", "us-ascii"})
_HEADER = {"present": True, "absent": False}
_QVALUE = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


class Form(NamedTuple):
    """The form of a body.

    Attributes:
        media_type: JSON or CSV.
        header: Whether a CSV has a header line; None when it was not said.
    """

    media_type: str = JSON
    header: bool | None = None

    @property
    def content_type(self) -> bytes:
        """The Content-Type of a body that we write in this form."""
        return _CONTENT_TYPES[self.media_type]


class _Range(NamedTuple):
    media_type: str
    parameters: dict[str, str]


def content_form(content_type: str) -> Form:
    """The form that a Content-Type names.

    Raises:
        Problem: 415 unless it is JSON or CSV in UTF-8, and a `header` of CSV is present or absent (RFC 4180).
    """
    found = _parse(content_type)
    if found.media_type not in (JSON, CSV) or not _is_utf8(found):
        raise Problem(415, f"The content type is {content_type[:100]!r}: send {JSON} or {CSV}, in UTF-8.")
    header = found.parameters.get("header") if found.media_type == CSV else None
    if header is not None and header not in _HEADER:
        raise Problem(415, f"The header of {CSV} is {header[:100]!r}: it is present, absent, or not said.")
    return Form(found.media_type, _HEADER.get(header or ""))


def accepted_form(accept: str) -> Form:
    """The form that an Accept likes best (RFC 9110, section 12.5.1); JSON when it likes them equally.

    Raises:
        Problem: 406 when it takes neither JSON nor CSV.
    """
    ranges = [_parse(part) for part in accept.split(",")] if accept.strip() else [_Range("*/*", {})]
    offers = [offer for media_type in (JSON, CSV) for offer in _offers(media_type, ranges)]
    quality, _, form = max(offers, key=lambda offer: offer[:2], default=(0.0, 0, Form()))
    if quality <= 0:
        raise Problem(406, f"The answer may be {JSON} or {CSV}, and Accept is {accept[:100]!r}.")
    return form


def _offers(media_type: str, ranges: list[_Range]) -> Iterator[tuple[float, int, Form]]:
    """What the most specific range that takes a media type thinks of it, if any does."""
    kind = media_type.partition("/")[0]
    for specificity, name in ((2, media_type), (1, f"{kind}/*"), (0, "*/*")):
        for found in ranges:
            if found.media_type == name and _is_utf8(found):
                header = _HEADER.get(found.parameters.get("header", ""), True) if media_type == CSV else None
                yield _quality(found), specificity, Form(media_type, header)
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
