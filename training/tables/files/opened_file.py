"""File of a table, as it is or compressed: its first bytes, and what they say of its format."""

import gzip
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
from pandas.io.common import get_handle

from training.data.file_format import SAMPLE_BYTES
from training.errors import TrainingError
from training.tables.files.archive_members import table_members
from training.tables.files.file_kind import FileKind, file_kind

_NAMED = 3


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
            TrainingError: When an archive has no table or several.
        """
        match self.path.suffix.lower():
            case ".zst":
                with pa.CompressedInputStream(str(self.path), "zstd") as stream:
                    yield stream
            case ".zip":
                with zipfile.ZipFile(self.path) as archive, self._member(archive) as member:
                    yield member
            case _:
                with get_handle(self.path, "rb", compression="infer", is_text=False) as handles:
                    yield handles.handle

    @contextmanager
    def _member(self, archive: zipfile.ZipFile) -> Iterator[Any]:
        tables = table_members(archive.namelist())
        if len(tables) != 1:
            listed = f" ({', '.join(tables[:_NAMED])})" if tables else ""
            raise TrainingError(
                f"{self.source} has {len(tables)} tables{listed}: give an archive of one table."
            )
        with archive.open(tables[0]) as packed:
            if not tables[0].lower().endswith(".gz"):
                yield packed
                return
            with gzip.open(packed) as inner:
                yield inner

    @cached_property
    def start(self) -> bytes:
        """The first SAMPLE_BYTES."""
        with self.opened() as file:
            return bytes(file.read(SAMPLE_BYTES))

    @property
    def kind(self) -> FileKind:
        """Format by the first bytes; raises as `file_kind`."""
        return file_kind(self.start, self.source)
