"""First lines of values, which are no names of columns: files without a header."""

from collections.abc import Sequence
from itertools import pairwise

from bundle.texts.counted_noun import counted
from training.errors import TrainingError
from training.tables.columns.cells import MISSING

_MOST_SHOWN = 5
# Numbers that names of columns have: years, and so many that only rise or only fall, such as wavelengths.
_YEARS, _FEWEST_ORDERED = range(1800, 2101), 10


def check_header(header: Sequence[str], rows: Sequence[Sequence[str]], source: str) -> None:
    """Raises TrainingError if half of a header's cells could be values of their columns.

    Such a cell is a number like those of its column, or a text that occurs in it beside others.

    Args:
        header: The first line.
        rows: Rows below it.
        source: Path or URL of the file.
    """
    named = [position for position, cell in enumerate(header) if cell]
    below = [row for row in rows if [*row] != [*header]]
    are_names = _are_names([number for cell in header if (number := _number(cell)) is not None])
    found = [
        position
        for position in named
        if _is_value(header[position], [row[position] for row in below if position < len(row)], are_names)
    ]
    if not found or 2 * len(found) < len(named):
        return
    shown = ", ".join(header[position][:30] for position in found[:_MOST_SHOWN])
    raise TrainingError(
        f"The first line of {source} seems to be a row of values and no header: {shown} could be "
        f"{counted(len(found), 'value')} of the {counted(len(header), 'column')}. Write a line of "
        f"{counted(len(header), 'name')} above it, separated as the rows are; if it is a header, begin its "
        "names with letters that no value has."
    )


def _is_value(cell: str, below: Sequence[str], are_names: bool) -> bool:
    values = {text for value in below if (text := value.strip()) and text not in MISSING}
    number = _number(cell)
    if number is None:
        return cell in values and len(values) > 1
    numbers = [found for text in values if (found := _number(text)) is not None]
    if are_names or not numbers or len(numbers) < len(values):
        return False
    # The first value of a column in order lies a little outside the others.
    least, most = min(numbers), max(numbers)
    margin = (most - least) / max(1, min(10, len(numbers) - 1))
    return least - margin <= number <= most + margin


def _are_names(numbers: Sequence[float]) -> bool:
    """Tells whether numbers of a header may be names of columns.

    They may if their steps are equal, if all are years, or if ten or more ascend or descend.
    """
    steps = [after - before for before, after in pairwise(numbers)]
    if not steps or not (min(steps) > 0 or max(steps) < 0):
        return bool(numbers) and not steps and numbers[0] in _YEARS
    is_even = max(steps) - min(steps) <= 1e-6 * max(map(abs, steps))
    counts = is_even and (len(steps) > 1 or steps == [1])
    return counts or len(numbers) >= _FEWEST_ORDERED or all(number in _YEARS for number in numbers)


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", ".")) if text[-1:].isdigit() or text[-1:] == "." else None
    except ValueError:
        return None
