"""Texts with delimiters, of any encoding, read block by block, so that a file need not fit in memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from training.data.file_format import UTF8, FileFormat, as_utf8, skipped_comment
from training.tables.columns.cells import Cells
from training.tables.columns.inference import has_decimal_commas
from training.tables.columns.time_fields import may_be_compact_date
from training.tables.files.column_reader import ColumnReader
from training.tables.files.full_text_encoding import full_text_encoding
from training.tables.files.opened_file import OpenedFile
from training.tables.texts.space_separated_text import space_separated_text
from training.tables.unreadable_tables import RaggedSpacesError

_BLOCK_BYTES = 32 << 20
# A row whose first cells are the first names of the header repeats it.
_HEADER_CELLS = 4
_REPEATED = "that repeat the header"


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """A text with delimiters.

    Attributes:
        file: The file.
        form: How its text is to be read.
        names: Names of all its columns.
        dropped: Number of rows that are left out, by reason; known when columns were read.
        skipped: Numbers of these rows, 1 for the first one below the header; blank lines and comments are no
            rows.
    """

    file: OpenedFile
    form: FileFormat
    names: Sequence[str]
    dropped: dict[str, int] = field(default_factory=dict, compare=False)
    skipped: list[int] = field(default_factory=list, compare=False)

    def columns(self, wanted: Sequence[str], as_text: Collection[str]) -> dict[str, Cells]:
        """Reads some columns: as numbers where every cell is a plain one, else as texts.

        Args:
            wanted: Names of the columns.
            as_text: Names of those that are read as texts in any case.

        Raises:
            pa.ArrowInvalid: When the rows have different numbers of cells.
            RaggedSpacesError: The same, where spaces separate them.
            TrainingError: When the text is in UTF-8 with other bytes.
        """
        try:
            return self._columns(wanted, {*as_text, *filter(may_be_compact_date, wanted)})
        except pa.ArrowInvalid as error:
            if self.form.encoding != UTF8 or (encoding := self._full_text_encoding()) == UTF8:
                if self.form.is_spaced:
                    raise RaggedSpacesError(str(error)) from error
                raise
        return replace(self, form=replace(self.form, encoding=encoding)).columns(wanted, as_text)

    def _full_text_encoding(self) -> str:
        with self.file.opened() as binary:
            return full_text_encoding(iter(lambda: binary.read(_BLOCK_BYTES), b""), self.file.source)

    def _columns(self, wanted: Sequence[str], as_text: Collection[str]) -> dict[str, Cells]:
        readers = self._read({name: ColumnReader(as_text=name in as_text) for name in wanted})
        again = [name for name, reader in readers.items() if reader.is_broken]
        grouped = [name for name, reader in readers.items() if reader.is_grouped]
        found = {name: reader.cells() for name, reader in readers.items() if name not in again}
        if grouped and (self.form.delimiter == ";" or has_decimal_commas(found)):
            # Among decimal commas, 1.234 may be 1234.
            again += grouped
        if again:
            texts = self._read({name: ColumnReader(as_text=True) for name in again})
            found |= {name: reader.cells() for name, reader in texts.items()}
        return {name: found[name] for name in wanted}

    def _read(self, readers: dict[str, ColumnReader]) -> dict[str, ColumnReader]:
        self.dropped.clear()
        self.skipped.clear()
        for batch in self._batches([*readers]):
            for name, texts in zip(batch.schema.names, batch.columns, strict=True):
                readers[name].add(texts)
        return readers

    def _batches(self, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        header = self._first_names()
        before = 0
        for batch in self._all_batches([*dict.fromkeys([*wanted, *header])]):
            yield self._without_headers(batch, header, before).select(list(wanted))
            before += len(batch)

    def _first_names(self) -> dict[str, str]:
        """Returns the first names of the header as it has them, by column: enough to know its repetition."""
        written = dict(zip(self.names, self.form.header, strict=True))
        found = [name for name in self.names if written[name]][:_HEADER_CELLS]
        return {name: written[name] for name in found} if len(found) > 1 else {}

    def _without_headers(
        self, batch: pa.RecordBatch, header: Mapping[str, str], before: int
    ) -> pa.RecordBatch:
        """Leaves out rows that repeat the header, as files that were joined have them.

        `before` is the number of rows before those of the batch.
        """
        if not header:
            return batch
        same = [pc.equal(batch.column(name), text) for name, text in header.items()]
        repeated = reduce(pc.and_, same)
        if count := int(repeated.true_count):
            self.dropped[_REPEATED] = self.dropped.get(_REPEATED, 0) + count
            self.skipped.extend((before + 1 + np.flatnonzero(repeated)).tolist())
            return batch.filter(pc.invert(repeated))
        return batch

    def _all_batches(self, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        with self.file.opened() as binary:
            text = as_utf8(pa.PythonFile(binary, mode="r"), self.form.encoding)
            yield from pyarrow.csv.open_csv(
                space_separated_text(text) if self.form.is_spaced else text,
                pyarrow.csv.ReadOptions(
                    column_names=list(self.names),
                    skip_rows=self.form.lines_before + 1,
                    block_size=_BLOCK_BYTES,
                ),
                pyarrow.csv.ParseOptions(
                    delimiter=self.form.delimiter,
                    newlines_in_values=True,
                    invalid_row_handler=skipped_comment,
                ),
                pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(self.names, pa.string()),
                    include_columns=list(wanted),
                    strings_can_be_null=False,
                ),
            )
