"""Cells of a column: distinct texts with codes, or typed values, as one of few kinds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

CellKind = Literal["text", "number", "boolean", "moment", "clock", "none", "nested"]

# Texts that stand for an absent value in any column; a blank cell is one too.
MISSING = ("NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null", "?")
# Texts that stand for an absent value between numbers or dates, and may be a value between strings.
MISSING_BETWEEN_NUMBERS = (
    *("None", "none", "-", "--", ".", "...", "NONE", "#VALUE!", "#DIV/0!", "#REF!"),
    # MySQL's day without a value.
    *("0000-00-00", "0000-00-00 00:00:00"),
)

# Infinite numbers, which no JSON number is.
INFINITE = tuple(
    sign + word
    for sign in ("", "+", "-")
    for word in ("inf", "Inf", "INF", "infinity", "Infinity", "INFINITY")
)

# Numbers above it are not exact as floats, and no field has them.
LARGEST_EXACT = 2**53


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The cells of a column.

    Attributes:
        kind: Their kind; "none" when every cell is absent, "nested" for lists and other values no field has.
        texts: Distinct texts without spaces around them, in the order of their first rows; of "text" only.
        codes: Position of each row's text, -1 where absent; of "text" only. 4 bytes a row.
        values: The values of another kind, and none of "text": floats, NaN where absent; points in time, NaT
            where absent; or minutes of the day, NaN where absent.
        is_whole: Whether the table declares the numbers as integers.
        infinite: Number of infinite numbers, which count as absent.
    """

    kind: CellKind
    texts: pd.Series
    codes: NDArray[np.int32]
    values: NDArray[Any]
    is_whole: bool = False
    infinite: int = 0

    @property
    def absent(self) -> NDArray[np.bool_]:
        """Whether each cell has no value."""
        if self.kind == "text":
            return self.codes < 0
        return np.asarray(pd.isna(self.values))

    def __len__(self) -> int:
        return len(self.codes if self.kind == "text" else self.values)

    def spread(self, values: NDArray[Any], absent: Any) -> NDArray[Any]:
        """Copies the value of each text to its rows; `absent` is that of rows without a text."""
        return np.append(values, absent)[self.codes]

    def counts(self) -> NDArray[np.intp]:
        """Number of rows with each text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))

    def without(self, missing: Sequence[str]) -> "Cells":
        """Copies cells with some of their values absent, which are given as texts, such as "-999"."""
        if self.kind in ("number", "moment"):
            return self._without_values(missing)
        if self.kind != "text" or not self.texts.isin(missing).any():
            return self
        kept = ~self.texts.isin(missing).to_numpy()
        position = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
        return text_cells(self.texts[kept].reset_index(drop=True), np.append(position, -1)[self.codes])

    def _without_values(self, missing: Sequence[str]) -> "Cells":
        texts = pd.Series(missing, dtype=object)
        found: Any = (
            pd.to_numeric(texts, errors="coerce")
            if self.kind == "number"
            else pd.to_datetime(texts, errors="coerce", format="ISO8601")
        )
        found = found[np.isfinite(found)] if self.kind == "number" else found.dropna()
        absent = np.isin(self.values, found.to_numpy(dtype=self.values.dtype)) if len(found) else None
        if absent is None or not absent.any():
            return self
        nothing = np.nan if self.kind == "number" else np.datetime64("NaT")
        return replace(self, values=np.where(absent, nothing, self.values))


def cells_of(values: Any) -> Cells:
    """Reads the values of a column: an Arrow array, a Series, an array or a list of any type."""
    if isinstance(values, Cells):
        return values
    array = _arrow(values)
    if pa.types.is_dictionary(array.type):
        if _is_string(array.type.value_type):
            return _of_encoded(array)
        array = array.cast(array.type.value_type)
    return _of_encoded(array.dictionary_encode()) if _is_string(array.type) else _of_typed(array)


def _is_string(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _of_typed(array: pa.Array) -> Cells:
    kind = array.type
    if pa.types.is_null(kind):
        return _typed("none", np.full(len(array), np.nan))
    if pa.types.is_boolean(kind):
        return _typed("boolean", _floats(array.cast(pa.int8())))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        values = _floats(array)
        if (np.abs(values[np.isfinite(values)]) > LARGEST_EXACT).any():
            return _of_encoded(array.cast(pa.string()).dictionary_encode())
        return number_cells(values, is_whole=pa.types.is_integer(kind))
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _of_moments(array)
    if pa.types.is_time(kind):
        clock = array.cast(pa.time64("us"), safe=False).cast(pa.int64())
        return _typed("clock", np.floor(_floats(clock) / 60e6))
    return _typed("nested", np.full(len(array), np.nan))


def text_cells(texts: pd.Series, codes: NDArray[np.int32]) -> Cells:
    """Makes cells of distinct texts and the position of each row's text."""
    if not len(texts):
        return _typed("none", np.full(len(codes), np.nan))
    return Cells(kind="text", texts=texts, codes=codes, values=np.empty(0))


def numbers_as_texts(cells: Cells) -> Cells:
    """Copies cells of numbers as texts of their shortest forms: 415 and 0.5."""
    codes, distinct = pd.factorize(cells.values)
    shortest = pa.array(distinct, pa.float64()).cast(pa.string()).to_pylist()
    texts = [f"{float(text):.0f}" if float(text).is_integer() else text for text in shortest]
    return text_cells(pd.Series(texts, dtype="str"), codes.astype(np.int32))


def _typed(kind: CellKind, values: NDArray[Any], *, is_whole: bool = False) -> Cells:
    empty = pd.Series([], dtype="str")
    return Cells(kind=kind, texts=empty, codes=np.empty(0, dtype=np.int32), values=values, is_whole=is_whole)


def _of_encoded(encoded: pa.DictionaryArray) -> Cells:
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    again, texts = pd.factorize(pd.Series(encoded.dictionary.to_pandas(), dtype="str").str.strip())
    cells = text_cells(pd.Series(texts, dtype="str"), np.append(again, -1).astype(np.int32)[codes])
    return cells.without(("", *MISSING))


def number_cells(values: NDArray[np.float64], *, is_whole: bool) -> Cells:
    """Makes cells of numbers, NaN where absent; an infinite one counts as absent."""
    infinite = np.isinf(values)
    values = np.where(infinite, np.nan, values)
    kind: CellKind = "none" if np.isnan(values).all() else "number"
    return replace(_typed(kind, values, is_whole=is_whole), infinite=int(infinite.sum()))


def _of_moments(array: pa.Array) -> Cells:
    kind = array.type
    if pa.types.is_timestamp(kind) and kind.tz:
        # A zoned time is a day of its own zone.
        array = pa.compute.local_timestamp(array)
    values = np.asarray(array.cast(pa.timestamp("us"), safe=False).to_numpy(zero_copy_only=False))
    values = values.astype("datetime64[us]")
    return _typed("none" if np.isnat(values).all() else "moment", values)


def _floats(array: pa.Array) -> NDArray[np.float64]:
    cast = array.cast(pa.float64(), safe=False)
    return np.array(cast.to_numpy(zero_copy_only=False), dtype=np.float64)


def _arrow(values: Any) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        return values.unify_dictionaries().combine_chunks()
    series = values if isinstance(values, pd.Series) else pd.Series(values)
    try:
        found = pa.array(series, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError):
        # Values of several types: numbers beside texts, as spreadsheets have them.
        found = pa.array(series.map(str, na_action="ignore"), from_pandas=True)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
