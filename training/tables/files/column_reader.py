"""Reader of one column of texts, block by block: numbers where they are plain ones, else distinct texts."""

from typing import Any

import numpy as np
import pyarrow as pa

from training.tables.columns.cells import Cells, cells_of, number_cells
from training.tables.files.plain_number_parser import plain_numbers


class ColumnReader:
    """Collects the cells of a column.

    Args:
        as_text: Whether the cells are kept as texts in any case.
    """

    def __init__(self, *, as_text: bool) -> None:
        self._is_text = as_text
        self._numbers: list[Any] = []
        self._texts: list[pa.Array] = []
        self._has_points = False
        self._may_be_grouped = True

    @property
    def is_broken(self) -> bool:
        """Whether texts came after numbers, so that the column has to be read again, as texts."""
        return self._is_text and bool(self._numbers)

    @property
    def is_grouped(self) -> bool:
        """Whether the column has numbers whose points may all separate thousands, as in "1.234"."""
        return not self._is_text and self._has_points and self._may_be_grouped

    def add(self, texts: pa.Array) -> None:
        """Adds the next rows."""
        if self.is_broken:
            return
        found = None if self._is_text else plain_numbers(texts, may_be_grouped=self._may_be_grouped)
        if found is None:
            self._is_text = True
            self._texts.append(texts.dictionary_encode())
            return
        self._numbers.append(found.values)
        self._has_points |= found.has_points
        self._may_be_grouped = found.may_be_grouped

    def cells(self) -> Cells:
        """Returns the cells of all rows, which the reader forgets."""
        if self._is_text:
            texts, self._texts = self._texts, []
            return cells_of(pa.chunked_array(texts, pa.dictionary(pa.int32(), pa.string())))
        values, self._numbers = np.concatenate([np.empty(0), *self._numbers]), []
        is_whole = not self._has_points and bool((values == np.floor(values)).all())
        return number_cells(values, is_whole=is_whole)
