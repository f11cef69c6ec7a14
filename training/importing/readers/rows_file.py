"""File of sample rows: CSV (also with gzip), JSON or Parquet, recognized by its content."""

import codecs
import gzip
import io
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from training.data.file_format import SAMPLE_BYTES, text_format
from training.errors import TrainingError
from training.importing.readers.input_example import rows_of_json

_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_NO_TEXTS = {
    b"PK\x03\x04": "is a workbook of Excel or a ZIP file: save its sheet as CSV, or unpack it",
    b"\xd0\xcf\x11\xe0": "is a workbook of Excel: save its sheet as CSV",
    b"\x80\x04": "is a pickle: write its rows with to_csv('rows.csv', index=False)",
    b"\x80\x05": "is a pickle: write its rows with to_csv('rows.csv', index=False)",
}
_DECIMAL_COMMA = r"\s*[-+]?[0-9]+,[0-9]+\s*"
_NUMBER = re.compile(r"\s*[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?\s*")
_SHOWN = 4
_WAY_OUT = "give a CSV file with a header, JSON Lines or Parquet"


def rows_of_file(path: Path, target: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns the rows of a file as pandas reads them, and their cells: as text in a file of text.

    Args:
        path: The file.
        target: Column of the right answers; "" for none.

    Raises:
        TrainingError: When it is missing, a folder, no table, or has values in place of a header.
    """
    if not path.exists():
        raise TrainingError(f"There is no file {path}, which --rows names: {_WAY_OUT}.")
    if path.is_dir():
        raise TrainingError(f"{path}, which --rows names, is a folder: {_WAY_OUT}.")
    try:
        content = _unpacked(path.read_bytes())
        if content.startswith(_PARQUET):
            table = _with_floats(pd.read_parquet(io.BytesIO(content)))
            return table, table
        if found := next((text for start, text in _NO_TEXTS.items() if content.startswith(start)), ""):
            raise TrainingError(f"{path} {found}.")
        if _is_binary(content):
            raise TrainingError(
                f"{path}, which --rows names, is no table: {_WAY_OUT}. The model's file comes before --rows."
            )
        if content.lstrip()[:1] in (b"{", b"["):
            table = rows_of_json(content)
            return table, table
        return _of_text(path, content, target)
    except (OSError, EOFError, ValueError, TypeError) as error:
        reason = getattr(error, "strerror", None) or str(error).strip().partition("\n")[0].rstrip(".")
        raise TrainingError(f"The rows {path} cannot be read ({reason}): {_WAY_OUT}.") from error


def _of_text(path: Path, content: bytes, target: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    form = text_format(content[:SAMPLE_BYTES], str(path), len)
    if target not in form.header and _has_values(form.header):
        raise TrainingError(
            f"The first line of {path} has values ({', '.join(form.header[:_SHOWN])}) and no names of "
            "columns: write the names of the model's columns above them, in their order."
        )
    names = [name for name in form.header if name.strip()]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise TrainingError(f"{path} has two columns {twice!r}: rename one of them.")
    options: dict[str, Any] = {
        "sep": form.delimiter,
        "encoding": form.encoding,
        "skiprows": form.lines_before,
        "index_col": False,
    }
    texts = pd.read_csv(io.BytesIO(content), **options, dtype=str, keep_default_na=False)
    # As spreadsheets write numbers where the comma is the decimal point.
    has_commas = form.delimiter != "," and texts.apply(_all_decimal_commas).any()
    typed = pd.read_csv(io.BytesIO(content), **options, decimal="," if has_commas else ".")
    return typed, _with_points(texts, typed) if has_commas else texts


def _with_points(texts: pd.DataFrame, typed: pd.DataFrame) -> pd.DataFrame:
    """Returns the cells with a decimal point in the columns of numbers."""
    numbers = [name for name in texts if typed[name].dtype.kind == "f"]
    return texts.assign(**{name: texts[name].str.replace(",", ".", regex=False) for name in numbers})


def _with_floats(table: pd.DataFrame) -> pd.DataFrame:
    """Returns a table with its decimals, as databases write them, as floats."""
    decimals = [
        name
        for name in table
        if table[name].dtype == object and isinstance(next(iter(table[name].dropna()), None), Decimal)
    ]
    return table.astype(dict.fromkeys(decimals, float))


def _is_binary(content: bytes) -> bool:
    """Tells whether content is no text: it has zero bytes, and is no UTF-8, UTF-16 or UTF-32."""
    start = content[:SAMPLE_BYTES]
    if 0 not in start or 0 in start[:2] or start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return True
    return False


def _has_values(header: Sequence[str]) -> bool:
    """Tells whether a header holds values: most cells are numbers, and they are no ascending whole numbers.

    Ascending whole numbers may be the names of columns.
    """
    numbers = [float(text) for text in header if _NUMBER.fullmatch(text)]
    are_names = all(one.is_integer() for one in numbers) and numbers == sorted({*numbers})
    return 2 * len(numbers) > len(header) and not are_names


def _unpacked(content: bytes) -> bytes:
    return gzip.decompress(content) if content.startswith(_GZIP) else content


def _all_decimal_commas(cells: pd.Series) -> bool:
    present = cells[cells != ""]
    return bool(len(present)) and bool(present.str.fullmatch(_DECIMAL_COMMA).all())
