"""JSON as Arrow reads it: no numbers that JSON has not, and columns of several types, such as 12 and "12"."""

import re
from collections import defaultdict
from collections.abc import Iterator

import msgspec

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_KINDS = {b'"': "text", b"{": "nested", b"[": "nested", b"t": "truth", b"f": "truth", b"n": "null"}
_NUMBER, _NESTED = "number", msgspec.Raw(b"[]")
_STRING_OR_NO_NUMBER = re.compile(rb'("(?:[^"\\]|\\.)*")|-?(?:NaN|Infinity)\b')
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


def with_nulls(content: bytes) -> bytes:
    """Replaces NaN, Infinity and -Infinity outside of strings by null: json.dumps of Python writes them."""
    if b"NaN" not in content and b"Infinity" not in content:
        return content
    return _STRING_OR_NO_NUMBER.sub(lambda found: found[1] or b"null", content)


def uniform_lines(content: bytes, *, is_array: bool) -> bytes:
    """Copies an array of objects, or lines of them, as lines; columns of several types become texts.

    A value keeps its digits: 12.50 becomes "12.50". A column with lists or objects has an empty list in each
    row, because no field has such values.

    Raises:
        msgspec.DecodeError: When a row is no object.
    """
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for row in _rows(content, is_array):
        for name, value in row.items():
            kinds[name].add(_kind(value))
    mixed = {name for name, found in kinds.items() if len(found - {"null"}) > 1}
    nested = {name for name, found in kinds.items() if "nested" in found}
    return b"\n".join(
        _encode(
            {
                name: _NESTED if name in nested else _text(value) if name in mixed else value
                for name, value in row.items()
            }
        )
        for row in _rows(content, is_array)
    )


def _rows(content: bytes, is_array: bool) -> Iterator[dict[str, msgspec.Raw]]:
    plain = with_nulls(content.removeprefix(_BYTE_ORDER_MARK))
    if is_array:
        yield from msgspec.json.decode(plain, type=list[dict[str, msgspec.Raw]])
        return
    for line in plain.splitlines():
        if line.strip():
            yield _decode(line)


def _kind(value: msgspec.Raw) -> str:
    return _KINDS.get(bytes(value)[:1], _NUMBER)


def _text(value: msgspec.Raw) -> msgspec.Raw:
    written = bytes(value)
    return value if _kind(value) in ("text", "null") else msgspec.Raw(_encode(written.decode()))
