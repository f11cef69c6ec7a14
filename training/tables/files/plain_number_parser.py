"""Numbers in their plain form, read from many texts at once."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from training.tables.columns.cells import LARGEST_EXACT, MISSING, MISSING_BETWEEN_NUMBERS

_ABSENT = pa.array(["", *MISSING, *MISSING_BETWEEN_NUMBERS])
_MAY_BE_VALUES = pa.array(MISSING_BETWEEN_NUMBERS)
_CODE = r"^\s*0[0-9]+\s*$"
_GROUPED = r"^\s*([-+]?[0-9]{1,3}(\.[0-9]{3})*)?\s*$"
_FIRST_ROWS = 100


@dataclass(frozen=True, kw_only=True)
class PlainNumbers:
    """Numbers of successive rows.

    Attributes:
        values: The numbers, NaN where absent.
        has_points: Whether a text has a decimal point.
        may_be_grouped: Whether each point may separate thousands, as in "1.234".
    """

    values: NDArray[np.float64]
    has_points: bool
    may_be_grouped: bool


def plain_numbers(texts: pa.Array, *, may_be_grouped: bool) -> PlainNumbers | None:
    """Reads texts as numbers; None if one of them is neither a plain number nor absent.

    Codes with leading zeros, infinite numbers, and those that a float does not hold exactly are none either.

    Args:
        texts: The texts.
        may_be_grouped: Whether the points of earlier rows may separate thousands.
    """
    values = _floats(texts)
    if values is None or (np.abs(values) > LARGEST_EXACT).any() or _any(texts, _CODE):
        return None
    return PlainNumbers(
        values=values,
        has_points=bool(pc.any(pc.match_substring(texts, ".")).as_py()),
        may_be_grouped=may_be_grouped
        and _all(texts.slice(0, _FIRST_ROWS), _GROUPED)
        and _all(texts, _GROUPED),
    )


def _floats(texts: pa.Array) -> NDArray[np.float64] | None:
    try:
        values = _cast(texts)
    except pa.ArrowInvalid:
        values = None
    if values is not None and not np.isnan(values).any():
        return values
    trimmed = pc.ascii_trim_whitespace(texts)
    absent = pc.is_in(trimmed, _ABSENT)
    try:
        values = _cast(pc.if_else(absent, None, trimmed))
    except pa.ArrowInvalid:
        return None
    missing = np.isnan(values)
    if missing.all() and pc.any(pc.is_in(trimmed, _MAY_BE_VALUES)).as_py():
        # Strings, as far as is known.
        return None
    # Arrow reads "NAN" as a number too.
    return values if int(missing.sum()) == pc.sum(absent).as_py() else None


def _cast(texts: pa.Array) -> NDArray[np.float64]:
    return np.asarray(texts.cast(pa.float64()).to_numpy(zero_copy_only=False))


def _any(texts: pa.Array, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(texts, pattern)).as_py())


def _all(texts: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(texts, pattern)).as_py())
