"""Values of a field as bins of its reference."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bundle import Distribution, Field, splitter
from bundle.field import FieldType
from bundle.reference.familiar_fields import clock, near_days

# Codes of rows without a value, and of values that no training row had.
MISSING, UNSEEN = -1, -2
OTHERS = "all others"


class CodedColumn(NamedTuple):
    """Values of a window's rows as bins.

    Attributes:
        codes: Bin of each row: a position in `shares`, MISSING or UNSEEN.
        outside: Whether each row has a value that no training row had, or outside of the trained range.
        shares: Share of the training rows with a value in each bin.
        titles: Name of each bin.
        numbers: Values as numbers, NaN where absent; None for strings.
        edges: Edges of the bins of numbers.
        unseen: The commonest string that no training row had.
    """

    codes: NDArray[np.int64]
    outside: NDArray[np.bool_]
    shares: NDArray[np.float64]
    titles: Sequence[str]
    numbers: NDArray[np.float64] | None = None
    edges: Sequence[float] = ()
    unseen: str = ""


def coded_column(field: Field, seen: Distribution, values: Sequence[Any]) -> CodedColumn:
    """Assigns the values of a field to the bins of its reference.

    Args:
        field: The field.
        seen: What training saw of it.
        values: Values as a request is decoded, None where absent.
    """
    match field.type:
        case "string":
            # An empty string is an absent value to the model.
            return coded_strings(seen, [value or None for value in values])
        case "boolean":
            return coded_strings(seen, [None if value is None else str(value).lower() for value in values])
        case "date":
            return _dates(seen, values)
        case "time":
            numbers = [None if value is None else int(value[:2]) * 60 + int(value[3:]) for value in values]
            return coded_numbers(seen, numbers, type_="time")
        case "text":
            join = splitter(field.words)
            counted = {text: len(join(text).split()) for text in {*values} if text is not None}
            return coded_numbers(seen, [counted.get(text) for text in values], type_="text")
    return coded_numbers(seen, values, type_=field.type)


def coded_strings(seen: Distribution, values: Sequence[str | None]) -> CodedColumn:
    """Assigns strings to the listed values of a reference, the commonest first, and to all others."""
    listed = sorted(seen.values, key=lambda value: (-seen.values[value], value))
    places = {value: place for place, value in enumerate(listed)}
    shares = [seen.values[value] for value in listed]
    # Where training had too many values to list, an unlisted one may be one of them.
    rest = UNSEEN
    if seen.others:
        rest = len(listed)
        listed.append(OTHERS)
        shares.append(seen.others)
    codes = np.fromiter(
        (MISSING if value is None else places.get(value, rest) for value in values), np.int64, len(values)
    )
    strange = Counter(value for value, code in zip(values, codes.tolist(), strict=True) if code == UNSEEN)
    return CodedColumn(
        codes,
        codes == UNSEEN,
        np.array(shares, dtype=np.float64),
        listed,
        unseen=str(strange.most_common(1)[0][0]) if strange else "",
    )


def coded_numbers(
    seen: Distribution, values: Iterable[float | None], *, type_: FieldType | None = None
) -> CodedColumn:
    """Assigns numbers to the bins of a histogram; those outside of it to the outer bins."""
    numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    absent = np.isnan(numbers)
    if not seen.edges:
        codes = np.where(absent, MISSING, UNSEEN)
        return CodedColumn(codes, ~absent, np.zeros(0), (), numbers)
    edges = np.array(seen.edges)
    # A value on an inner edge belongs to the bin above, as in training.
    places = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, len(edges) - 2)
    outside = (numbers < edges[0]) | (numbers > edges[-1])
    return CodedColumn(
        np.where(absent, MISSING, places),
        outside,
        np.array(seen.shares),
        [f"{shown(low, type_)} to {shown(high, type_)}" for low, high in pairwise(seen.edges)],
        numbers,
        seen.edges,
    )


def shown(number: float, type_: FieldType | None = None) -> str:
    """Returns a number of a field for people; a time as on a clock."""
    return clock(round(number)) if type_ == "time" else f"{number:.4g}"


def _dates(seen: Distribution, values: Sequence[Any]) -> CodedColumn:
    """Codes days as 0: their distribution moves on with the calendar, so it is not compared."""
    codes = np.array([MISSING if value is None else 0 for value in values], dtype=np.int64)
    first, last = near_days(seen) if seen.first else (None, None)
    far = [
        value is not None and not (first is not None and last is not None and first <= value <= last)
        for value in values
    ]
    return CodedColumn(codes, np.array(far, dtype=bool), np.ones(1), ("any day",))
