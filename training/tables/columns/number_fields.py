"""Field of a column of numbers."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bundle import Field
from bundle.texts.counted_noun import counted
from training.tables.columns.cells import LARGEST_EXACT, Cells
from training.tables.columns.column_names import described
from training.tables.columns.table_column import TableColumn
from training.tables.notations.number_texts import (
    NEARLY_NUMBER,
    NUMBERS_SHARE,
    PLAIN,
    POINT,
    ambiguity,
    are_codes,
    bare,
    is_comma_decimal,
    read_numbers,
    unit_of,
    written_as,
)

MOST_MISSING_TEXTS = 3
# Numbers that people and programs write for no value, where they are far from all others.
_ABSENT_CODES = {0.0, *(sign * (10.0**digits - 1) for digits in range(2, 10) for sign in (-1, 1))}
_FEWEST_CODED_ROWS, _LEAST_DISTANCE = 3, 50.0


def number_column(
    name: str,
    values: NDArray[np.float64],
    absent: NDArray[np.bool_],
    *,
    is_whole: bool,
    unit: str = "",
    written: str = PLAIN,
    missing: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> TableColumn:
    """Returns a column of numbers.

    Its limits are natural ones only: 0 where no number is negative, 1 where all are 0 or 1, 100 for percents.
    The extremes of the rows are no limits, because the next row may pass them; answers warn about that.
    """
    known = values[~absent]
    # A partition is a fraction of the time of sorting, which a wide table would spend on each column.
    middle = float(np.partition(known, len(known) // 2)[len(known) // 2])
    least, most = known.min(), known.max()
    maximum = 1 if is_whole and (least, most) == (0, 1) else None
    maximum = 100 if unit == "%" and least >= 0 and most <= 100 else maximum
    field = Field(
        name=name,
        type="integer" if is_whole else "number",
        required=not absent.any(),
        minimum=0 if least >= 0 else None,
        maximum=maximum,
        unit=unit,
        description=described(name),
        example=int(middle) if is_whole else middle,
    )
    notes = (*notes, *_code_notes(name, known, float(least), float(most)))
    return TableColumn(field=field, name=name, written=written, missing=missing, notes=notes)


def _code_notes(name: str, known: NDArray[np.float64], least: float, most: float) -> Iterator[str]:
    """Yields the note of a number that is far from all others, as codes of absent values are."""
    for code in {least, most} & _ABSENT_CODES:
        others = known[known != code]
        rows = len(known) - len(others)
        if rows < _FEWEST_CODED_ROWS or len(others) < rows:
            continue
        low, high = float(others.min()), float(others.max())
        if max(low - code, code - high) > max(high - low, _LEAST_DISTANCE):
            yield (
                f"The column {name!r} has {code:g} in {counted(rows, 'row')}, far from all others: if it "
                f'stands for no value, give its field missing = ["{code:g}"] in the file of the fields.'
            )


def number_texts_column(name: str, cells: Cells, *, comma_decimal: bool, infinite: int) -> TableColumn | None:
    """Returns the column of texts that are numbers; None for other cells.

    Args:
        name: Name of the column.
        cells: Its cells, without infinite numbers.
        comma_decimal: Whether a comma is a decimal one where the cells do not decide it.
        infinite: Number of cells with infinite numbers.
    """
    texts = bare(cells.texts)
    written = written_as(texts, comma_decimal=comma_decimal)
    if are_codes(texts):
        return None
    numbers = read_numbers(texts, written)
    others = np.isnan(numbers)
    counts = cells.counts()
    share = counts[~others].sum() / counts.sum()
    if (
        others.sum() > MOST_MISSING_TEXTS
        or share < NUMBERS_SHARE
        or np.nanmax(np.abs(numbers)) > LARGEST_EXACT
    ):
        return None
    if ambiguity(cells.texts[~others | texts.str.fullmatch(NEARLY_NUMBER).to_numpy(dtype=bool)]):
        return None
    missing = tuple(cells.texts[others])
    notes = [f"{text!r} of the column {name!r} counts as absent." for text in missing]
    if written != PLAIN and is_comma_decimal(texts) is None and texts.str.contains(",", regex=False).any():
        kind = "thousands" if written == POINT else "decimals"
        notes.append(f"The comma in numbers of the column {name!r} is taken to separate {kind}.")
    elif written != PLAIN or not texts.equals(cells.texts):
        example = cells.texts[~others].iloc[0]
        notes.append(f"The API takes the column {name!r} as JSON numbers, not as texts such as {example!r}.")
    values = cells.spread(numbers, np.nan)
    has_points = texts[~others].str.contains("." if written != "1.234,5" else ",", regex=False).any()
    is_whole = bool((numbers[~others] == np.floor(numbers[~others])).all())
    is_whole = is_whole and (not has_points or bool(np.isnan(values).any()))
    column = number_column(
        name,
        values,
        np.isnan(values),
        is_whole=is_whole,
        unit=unit_of(cells.texts[~others]),
        written=written,
        missing=missing,
        notes=tuple(notes),
    )
    return with_infinite(column, infinite)


def with_infinite(column: TableColumn, count: int) -> TableColumn:
    """Adds the note of a column with so many infinite numbers."""
    if not count:
        return column
    count_as = "counts" if count == 1 else "count"
    note = f"{counted(count, 'infinite number')} of the column {column.name!r} {count_as} as absent."
    return replace(column, notes=(*column.notes, note))


def are_whole(cells: Cells) -> bool:
    """Whether numbers are integers; pandas keeps integers with gaps as floats."""
    if cells.is_whole:
        return True
    known = cells.values[~cells.absent]
    return bool(cells.absent.any() and (known == np.floor(known)).all())
