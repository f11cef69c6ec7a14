"""Errors of files that cannot be read as tables, each with what to do."""

import gzip
import lzma
import re
import tarfile
import zipfile
import zlib

import pyarrow as pa

from bundle.texts.counted_noun import counted
from training.errors import TrainingError

# Of compressed files; a RuntimeError is that of an archive with a password.
_DAMAGED = (
    gzip.BadGzipFile,
    EOFError,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,
)
UNREADABLE = (OSError, UnicodeError, ValueError, pa.ArrowException, *_DAMAGED)
# Arrow's words for a text that ends in its header.
_HEADER_ONLY = "Could not skip initial"
# Its words for a row of another number of cells than the header.
_OTHER_WIDTH = re.compile(r"Expected ([0-9]+) columns, got ([0-9]+): (.*)")
_SPACES = (
    "put names and cells with spaces in quotation marks and NA into empty cells; columns of fixed widths "
    "become commas by pandas.read_fwf(FILE).to_csv(NEW, index=False)."
)


class RaggedSpacesError(ValueError):
    """A row of a text with columns between spaces has another number of cells than the header."""


def unreadable(error: Exception, source: str) -> TrainingError:
    """Returns the error of a file that cannot be read, for one of UNREADABLE."""
    if _HEADER_ONLY in str(error):
        return no_rows(source)
    sentence = str(error).strip().partition("\n")[0].rstrip(".")
    if found := _OTHER_WIDTH.search(sentence):
        expected, cells, row = found.groups()
        shown = f"{source} has a row of {counted(int(cells), 'cell')}, and its header has {expected}: "
        if isinstance(error, RaggedSpacesError):
            words = " ".join(row.split("\t"))
            return TrainingError(f"{shown}spaces separate its columns, so {_SPACES} It is {words[:60]!r}.")
        return TrainingError(
            f"{shown}give the header a name for each cell, remove that line, or put cells with the delimiter "
            f"in quotation marks. It is {row[:60]!r}."
        )
    if isinstance(error, OSError) and error.errno:
        return TrainingError(f"{source} cannot be read ({error.strerror}): check its path and permissions.")
    if isinstance(error, _DAMAGED):
        return TrainingError(f"{source} is truncated or damaged ({sentence}): copy or download it again.")
    return TrainingError(
        f"{source} cannot be read as a table ({sentence}): give a CSV file with a header, JSON Lines, or "
        "Parquet."
    )


def no_rows(source: str) -> TrainingError:
    """Returns the error of a table without rows."""
    return TrainingError(f"{source} has no rows below its header.")


def one_column(source: str, name: str, uneven_row: str = "") -> TrainingError:
    """Returns the error of a table of one column.

    Args:
        source: Path or URL of the file.
        name: Name of the column.
        uneven_row: Why spaces do not separate the columns of a text: a row that has not as many words as the
            header.
    """
    has_words = " " in name.strip() or "\t" in name.strip()
    spaces = f" If spaces separate its columns, {uneven_row}: {_SPACES}" if has_words and uneven_row else ""
    return TrainingError(
        f"{source} has one column only, {' '.join(name.split())[:60]!r}: a table needs a target and columns "
        f"to predict it from, separated by commas, semicolons, tabs, | or spaces.{spaces}"
    )
