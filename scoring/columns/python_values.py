"""Values of an Arrow column as Python's, whose times have microseconds and the years 1 to 9999."""

from typing import Any

import pyarrow as pa

from scoring.errors import ScoringError


def python_values(column: pa.Array | pa.ChunkedArray) -> list[Any]:
    """Returns the values of a column; a time or a day that Python cannot have is a text.

    Raises:
        ScoringError: When such a time is inside a list or a struct.
    """
    rounded = _with_microseconds(column.type)
    plain = column if rounded == column.type else column.cast(rounded, safe=False)
    try:
        return list(plain.to_pylist())
    except OverflowError as error:
        if pa.types.is_nested(plain.type):
            raise ScoringError(
                f"Times in values of the type {column.type} are beyond the year 9999, which only Parquet can "
                "have: give the output the suffix .parquet, or correct them."
            ) from error
        return [_value(value) for value in plain]


def is_binary(kind: pa.DataType) -> bool:
    """Returns whether values of an Arrow type are bytes."""
    types = pa.types
    return bool(types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind))


def _value(value: pa.Scalar) -> Any:
    try:
        return value.as_py()
    except OverflowError:
        return value.cast(pa.string()).as_py()


def _with_microseconds(kind: pa.DataType) -> pa.DataType:
    types = pa.types
    if types.is_timestamp(kind) and kind.unit == "ns":
        return pa.timestamp("us", kind.tz)
    if types.is_duration(kind) and kind.unit == "ns":
        return pa.duration("us")
    if types.is_time64(kind):
        return pa.time64("us")
    if types.is_struct(kind):
        return pa.struct([field.with_type(_with_microseconds(field.type)) for field in kind])
    if types.is_map(kind):
        return pa.map_(*map(_with_microseconds, (kind.key_type, kind.item_type)))
    return _list_with_microseconds(kind)


def _list_with_microseconds(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(_with_microseconds(kind.value_type), kind.list_size)
    if pa.types.is_list(kind):
        return pa.list_(_with_microseconds(kind.value_type))
    if pa.types.is_large_list(kind):
        return pa.large_list(_with_microseconds(kind.value_type))
    return kind
