"""Footer of a Parquet file: with it, files become one whose pages are copied and not decoded.

The footer is a FileMetaData of Thrift's compact protocol. It is read as a tree of fields, of which only
offsets and numbers of rows change. Sources: https://parquet.apache.org/docs/file-format/ (parquet.thrift) and
https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

MAGIC = b"PAR1"
_END = struct.Struct("<I4s")

# Types of the compact protocol.
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = (
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    12,
)
_INTEGERS = (_I16, _I32, _I64)

# Field numbers of parquet.thrift.
_ROWS, _GROUPS, _KEY_VALUES = 3, 4, 5
_GROUP_COLUMNS, _GROUP_OFFSET, _GROUP_ORDINAL = 1, 5, 7
_CHUNK_OFFSET, _CHUNK_METADATA, _CHUNK_INDEXES = 2, 3, (4, 6)
_METADATA_OFFSETS = (9, 10, 11, 14)
_KEY, _VALUE = 1, 2

# A struct's fields by their number: type and value. A list is its elements' type and values.
Fields = dict[int, tuple[int, Any]]


def read_footer(path: Path) -> tuple[Fields, int]:
    """Returns the footer of a Parquet file, and the length of the file before it."""
    with path.open("rb") as file:
        end = file.seek(-_END.size, 2)
        length, _ = _END.unpack(file.read())
        start = file.seek(end - length)
        return _Reader(file.read(length)).struct(), start


def append(footer: Fields, part: Fields, shift: int) -> None:
    """Adds the row groups of a part to a footer.

    Args:
        footer: Footer of the whole file.
        part: Footer of the part.
        shift: Distance by which the pages of the part have moved.
    """
    groups = footer[_GROUPS][1][1]
    for group in part[_GROUPS][1][1]:
        _move(group, (_GROUP_OFFSET,), shift)
        group[_GROUP_ORDINAL] = (_I16, len(groups))
        for chunk in group[_GROUP_COLUMNS][1][1]:
            # Its offset is 0 where the metadata has it.
            if chunk[_CHUNK_OFFSET][1]:
                _move(chunk, (_CHUNK_OFFSET,), shift)
            _move(chunk, _CHUNK_INDEXES, shift)
            _move(chunk[_CHUNK_METADATA][1], _METADATA_OFFSETS, shift)
        groups.append(group)
    footer[_ROWS] = (_I64, footer[_ROWS][1] + part[_ROWS][1])


def empty(footer: Fields, metadata: dict[str, str]) -> Fields:
    """Returns a footer with the schema of another one, without rows, and with other metadata."""
    pairs = [
        {_KEY: (_BINARY, key.encode()), _VALUE: (_BINARY, value.encode())} for key, value in metadata.items()
    ]
    changed: Fields = {
        _ROWS: (_I64, 0),
        _GROUPS: (_LIST, (_STRUCT, [])),
        _KEY_VALUES: (_LIST, (_STRUCT, pairs)),
    }
    return dict(sorted({**footer, **changed}.items()))


def write_footer(file: BinaryIO, footer: Fields) -> None:
    """Writes the end of a Parquet file."""
    data = b"".join(_struct(footer))
    file.write(data)
    file.write(_END.pack(len(data), MAGIC))


def _move(fields: Fields, numbers: Sequence[int], shift: int) -> None:
    for number in numbers:
        if number in fields:
            kind, offset = fields[number]
            fields[number] = (kind, offset + shift)


class _Reader:
    """Reads values of the compact protocol."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    def struct(self) -> Fields:
        """Reads the fields of a struct."""
        fields: Fields = {}
        number = 0
        while header := self._byte():
            kind = header & 0x0F
            number = number + (header >> 4) if header >> 4 else _signed(self._varint())
            fields[number] = (kind, self._value(kind, in_list=False))
        return fields

    def _value(self, kind: int, *, in_list: bool) -> Any:
        if kind in (_TRUE, _FALSE):
            return self._byte() if in_list else None
        if kind in _INTEGERS:
            return _signed(self._varint())
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind == _STRUCT:
            return self.struct()
        if kind in (_LIST, _SET):
            header = self._byte()
            size = header >> 4 if header >> 4 != 15 else self._varint()
            element = header & 0x0F
            return element, [self._value(element, in_list=True) for _ in range(size)]
        return self._bytes({_BYTE: 1, _DOUBLE: 8}[kind])

    def _byte(self) -> int:
        self._place += 1
        return self._data[self._place - 1]

    def _bytes(self, size: int) -> bytes:
        self._place += size
        return self._data[self._place - size : self._place]

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7


def _struct(fields: Fields) -> list[bytes]:
    parts: list[bytes] = []
    before = 0
    for number, (kind, value) in fields.items():
        step = number - before
        if 0 < step < 16:
            parts.append(bytes([step << 4 | kind]))
        else:
            parts += [bytes([kind]), _varint(_zigzag(number))]
        parts += _value(kind, value)
        before = number
    return [*parts, b"\0"]


def _value(kind: int, value: Any) -> list[bytes]:
    if kind in _INTEGERS:
        return [_varint(_zigzag(value))]
    if kind == _BINARY:
        return [_varint(len(value)), value]
    if kind == _STRUCT:
        return _struct(value)
    if kind in (_LIST, _SET):
        element, values = value
        size = len(values)
        header = [bytes([size << 4 | element])] if size < 15 else [bytes([0xF0 | element]), _varint(size)]
        return [*header, *(part for one in values for part in _value(element, one))]
    if value is None:
        return []
    return [bytes([value])] if isinstance(value, int) else [value]


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else -value * 2 - 1


def _signed(value: int) -> int:
    return value >> 1 ^ -(value & 1)
