"""Field of a column of strings: one of known values, any string, or free text."""

from dataclasses import replace

import numpy as np

from bundle import Field
from bundle.texts.counted_noun import counted
from training.tables.columns.cells import LARGEST_EXACT, Cells
from training.tables.columns.column_names import described
from training.tables.columns.table_column import TableColumn
from training.tables.notations.number_texts import (
    NEARLY_NUMBER,
    NUMBERS_SHARE,
    PLAIN,
    ambiguity,
    are_codes,
    bare,
    read_numbers,
)

# More values than a client can choose from.
MOST_KNOWN_VALUES = 30
FEWEST_ROWS_A_VALUE = 3
MOST_SPELT_VALUES = 1_000
WORDS_OF_TEXT = 4
LONGEST_STRING = 128
SHORTEST_LIMIT = 64
_JSON, _JSON_SAMPLE = r'\{\s*".*\}|\[\s*[{"\[].*\]', 50


def string_field(name: str, cells: Cells) -> TableColumn:
    """Returns the column of a name whose cells are strings.

    The values are closed, so that the API refuses others, only when each occurs in several rows: a value that
    occurs once shows that more are to come.
    """
    counts = cells.counts()
    lengths = cells.texts.str.len().to_numpy(dtype=np.int64)
    required = not cells.absent.any()
    example = str(cells.texts.iloc[int(np.argmax(counts))])
    description = described(name)
    if _is_text(cells, lengths):
        field = Field(
            name=name,
            type="text",
            required=required,
            max_length=_limit(lengths) if lengths.max() > LONGEST_STRING else None,
            description=description,
            example=example,
        )
        return TableColumn(field=field, name=name)
    closed = len(counts) <= MOST_KNOWN_VALUES and counts.min() >= FEWEST_ROWS_A_VALUE
    field = Field(
        name=name,
        type="string",
        required=required,
        values=tuple(sorted(cells.texts)) if closed else (),
        max_length=None if closed else _limit(lengths),
        description=description,
        example=example,
    )
    return TableColumn(field=field, name=name)


def with_reason(column: TableColumn, cells: Cells) -> TableColumn:
    """Adds the note of a column whose texts are numbers but for some of them."""
    if cells.kind != "text":
        return column
    texts = bare(cells.texts)
    are_numbers = texts.str.fullmatch(NEARLY_NUMBER).to_numpy(dtype=bool) | ~np.isnan(
        read_numbers(texts, PLAIN)
    )
    if are_numbers.mean() < NUMBERS_SHARE or are_codes(texts):
        return column
    reason, others = ambiguity(cells.texts), cells.texts[~are_numbers]
    if reason:
        reason = f"because its numbers have {reason}: write them in one way, and they are read as numbers"
    elif len(others):
        reason = (
            f"because of {counted(len(others), 'text')} such as {others.iloc[0]!r} between its numbers: "
            'correct them, or give the field type = "number" and them as missing in the file of the fields'
        )
    elif np.nanmax(np.abs(read_numbers(texts, PLAIN)), initial=0) <= LARGEST_EXACT:
        # Such as addresses of computers and versions, 10.0.1.255.
        return column
    else:
        reason = (
            f"because it has numbers above {LARGEST_EXACT:,}, which no field has: divide them, if they are "
            "no codes"
        )
    note = f"The column {column.name!r} is read as strings, {reason}."
    return replace(column, notes=(*column.notes, note))


def with_json(column: TableColumn, cells: Cells) -> TableColumn:
    """Adds the note of a column whose cells are JSON objects or lists."""
    if column.field.type not in ("string", "text") or cells.kind != "text":
        return column
    if not cells.texts.iloc[:_JSON_SAMPLE].str.fullmatch(_JSON).all():
        return column
    note = (
        f"The column {column.name!r} has JSON objects or lists in its cells, which are read as plain texts: "
        "write one column for each value in them (pandas.json_normalize does so for objects)."
    )
    return replace(column, notes=(*column.notes, note))


def with_spellings(column: TableColumn, cells: Cells) -> TableColumn:
    """Adds the note of a column whose strings differ in case or spaces only, such as "Paris" and "paris".

    Columns of very many strings have none: theirs may be codes, in which the case counts.
    """
    if column.field.type != "string" or cells.kind != "text" or len(cells.texts) > MOST_SPELT_VALUES:
        return column
    first: dict[str, str] = {}
    pairs = [
        (earlier, text)
        for text in cells.texts.tolist()
        if (earlier := first.setdefault(" ".join(text.casefold().split()), text)) != text
    ]
    if not pairs:
        return column
    one, other = pairs[0]
    more = f" and {counted(len(pairs) - 1, 'more pair')}" if len(pairs) > 1 else ""
    note = (
        f"The column {column.name!r} has {one!r} and {other!r}{more}, which differ in case or spaces only, "
        "and are different values to the model: write them in one way."
    )
    return replace(column, notes=(*column.notes, note))


def _is_text(cells: Cells, lengths: np.typing.NDArray[np.int64]) -> bool:
    if lengths.max() > LONGEST_STRING:
        return True
    words = cells.texts.iloc[:1000].str.count(r"\S+").mean()
    return bool(words >= WORDS_OF_TEXT and len(cells.texts) > MOST_KNOWN_VALUES)


def _limit(lengths: np.typing.NDArray[np.int64]) -> int:
    return max(SHORTEST_LIMIT, 2 * int(lengths.max()))
