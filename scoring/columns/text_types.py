"""Types of Parquet's texts, which programs write as plain, large or viewed strings, or as dictionaries."""

import pyarrow as pa


def plain_type(kind: pa.DataType) -> pa.DataType:
    """Returns the type of the values of a dictionary; a text has one type, whichever program wrote it."""
    if pa.types.is_dictionary(kind):
        return plain_type(kind.value_type)
    is_text = pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return pa.string() if is_text else kind


def plain_column(column: pa.Array) -> pa.Array:
    """Returns a column with texts of one type, also those of a dictionary."""
    kind = column.type
    if pa.types.is_dictionary(kind) and plain_type(kind) != kind.value_type:
        return column.cast(pa.dictionary(kind.index_type, plain_type(kind)))
    return column if pa.types.is_dictionary(kind) else column.cast(plain_type(kind))
