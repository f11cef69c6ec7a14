"""Detection of a text's delimiter: a character, or runs of spaces and tabs between columns."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice

from bundle.texts.counted_noun import counted
from training.data.file_format import SAMPLE_BYTES, UTF8, FileFormat, is_comment, text_encoding, text_format
from training.tables.texts.space_separated_text import with_tabs

TAB = "\t"
_FIRST_ROWS = 100
_NUMBER = r"([-+]?[0-9]*\.?[0-9]+\.?([eE][-+]?[0-9]+)?|\?|NA|NaN)"
# So many numbers in a cell between tabs are cells of their own.
_RUN_OF_NUMBERS = re.compile(rf"\s*({_NUMBER}\s+){{2,}}{_NUMBER}\s*")


def detected_format(sample: bytes, file: str, matches: Callable[[Sequence[str]], int]) -> FileFormat:
    """Recognizes the form of a table's text by its first SAMPLE_BYTES.

    Spaces separate its columns only if the header and the first rows have as many cells then, and if no
    delimiter explains the text: it gives one column, rows of other lengths, or runs of numbers between tabs.
    A header without a name for the first column, as R writes it, gets an empty one.

    Args:
        sample: The bytes.
        file: Its name in messages.
        matches: Counts the known columns in a header; the form that gives the most is chosen.

    Raises:
        TrainingError: When the file is empty.
    """
    plain = text_format(sample, file, matches)
    text = _decoded(sample)
    rows = _rows(text, plain, len(sample))
    if len(plain.header) > 1 and _is_even(plain, rows) and not _has_run_of_numbers(plain, rows):
        return plain
    tabbed = with_tabs(text)
    spaced = text_format(tabbed, file, matches)
    if spaced.delimiter != TAB or matches(spaced.header) < matches(plain.header):
        return plain
    rows = _rows(tabbed, spaced, len(sample))
    is_unnamed = len(rows) > 1 and len(rows[0]) == len(spaced.header) + 1
    header = ("", *spaced.header) if is_unnamed else spaced.header
    spaced = replace(spaced, header=header, encoding=plain.encoding, is_spaced=True)
    return spaced if _is_even(spaced, rows) else plain


def uneven_row(sample: bytes, file: str) -> str:
    """Describes the first row that has another number of words than the first line; "" if there is none."""
    tabbed = with_tabs(_decoded(sample))
    form = text_format(tabbed, file, len)
    width = len(form.header)
    for row in _rows(tabbed, form, len(sample)) if form.delimiter == TAB else []:
        if len(row) != width:
            return f"the row {' '.join(row)[:60]!r} has {counted(len(row), 'word')}, and the header {width}"
    return ""


def first_rows(sample: bytes, form: FileFormat) -> list[list[str]]:
    """Returns the cells of the first rows of a text without comments."""
    text = _decoded(sample)
    return _rows(with_tabs(text) if form.is_spaced else text, form, len(sample))


def _decoded(sample: bytes) -> bytes:
    encoding = text_encoding(sample)
    return sample.decode("utf-8-sig" if encoding == UTF8 else encoding, errors="replace").encode()


def _rows(text: bytes, form: FileFormat, size: int) -> list[list[str]]:
    """Returns the cells of the first rows without comments; none when one is too long for a cell.

    A line that the sample cuts is left out.
    """
    whole = text if size < SAMPLE_BYTES else text[: text.rfind(b"\n") + 1]
    lines = islice(io.StringIO(whole.decode(errors="replace"), newline=""), form.lines_before + 1, None)
    rows = csv.reader((line.replace("\0", "?") for line in lines), delimiter=form.delimiter)
    used = (row for row in rows if any(row) and not is_comment(row[0], len(row), len(form.header)))
    try:
        return [*islice(used, _FIRST_ROWS)]
    except csv.Error:
        return []


def _is_even(form: FileFormat, rows: Sequence[Sequence[str]]) -> bool:
    return len(form.header) > 1 and bool(rows) and {len(row) for row in rows} == {len(form.header)}


def _has_run_of_numbers(form: FileFormat, rows: Sequence[Sequence[str]]) -> bool:
    """Whether a column between tabs has several numbers between spaces in each row."""
    columns = zip(*rows, strict=True) if form.delimiter == TAB else ()
    return any(all(map(_RUN_OF_NUMBERS.fullmatch, column)) for column in columns)
