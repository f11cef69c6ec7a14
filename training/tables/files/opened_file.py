"""File of a table, as it is or compressed: its first bytes, and what they say of its format."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
from pandas.io.common import get_handle

from training.data.file_format import SAMPLE_BYTES, text_encoding
from training.errors import TrainingError

FileKind = Literal["parquet", "json lines", "json array", "text"]

_BYTE_ORDER_MARK = "\ufeff"
# First bytes of files that are no tables, and what to do with them.
_OTHER_FILES = {
    b"PK\x03\x04": "is an archive or a workbook of a spreadsheet: save its sheet as CSV",
    b"\xd0\xcf\x11\xe0": "is a workbook of a spreadsheet: save its sheet as CSV",
    b"\x1f\x8b": "is compressed: give its name the ending .gz",
    b"%PDF": "is a PDF: save its table as CSV",
}


@dataclass(frozen=True)
class OpenedFile:
    """A file of a table.

    Attributes:
        path: Its path; the name's ending says how it is compressed.
        source: Its path or URL in messages.
    """

    path: Path
    source: str

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """Opens the file for reading from its start, without its compression.

        Raises:
            OSError: When it cannot be opened.
            ValueError: When an archive has several files.
        """
        if self.path.suffix == ".zst":
            with pa.CompressedInputStream(str(self.path), "zstd") as stream:
                yield stream
            return
        with get_handle(self.path, "rb", compression="infer", is_text=False) as handles:
            yield handles.handle

    @cached_property
    def start(self) -> bytes:
        """The first SAMPLE_BYTES."""
        with self.opened() as file:
            return bytes(file.read(SAMPLE_BYTES))

    @property
    def kind(self) -> FileKind:
        """Format by the first bytes.

        Raises:
            TrainingError: When they are those of no table.
        """
        if self.start.startswith(b"PAR1"):
            return "parquet"
        for mark, sentence in _OTHER_FILES.items():
            if self.start.startswith(mark):
                raise TrainingError(f"{self.source} is no table: it {sentence}.")
        encoding = text_encoding(self.start)
        text = self.start[:2048].decode(encoding, errors="ignore").removeprefix(_BYTE_ORDER_MARK).lstrip()
        if text.startswith(("{", "[")):
            return "json lines" if text.startswith("{") else "json array"
        if text.startswith("<"):
            raise TrainingError(
                f"{self.source} is no table: it looks like HTML or XML: save it as CSV or Parquet."
            )
        self._check_text(encoding)
        return "text"

    def _check_text(self, encoding: str) -> None:
        start = self.start[:4096]
        is_wide = encoding.startswith(("utf-16", "utf-32"))
        control = sum(byte < 9 or 13 < byte < 32 for byte in start)
        if not is_wide and control > len(start) * 0.02:
            raise TrainingError(
                f"{self.source} is no table: it has bytes that no text has. Give a CSV file or Parquet."
            )
