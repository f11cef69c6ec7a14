"""Augmentation of training rows with missing values: a pipeline's gaps, and columns known only later."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bundle import Columns, Field
from training.data.dataset import Dataset
from training.data.model_inputs import pipeline_column, pipeline_frame
from training.model import Gap

# Rows; LightGBM fits this many in about ten seconds.
MOST_COPIED = 1_200_000
_DRAWN_AT_ONCE = 1_000_000


class HiddenColumns:
    """All combinations of known and unknown column groups.

    A mask is a number: bit g is set when group g is unknown.

    Args:
        groups: Positions of the columns of each group. A row lacks a group when its first column is NaN.
    """

    def __init__(self, groups: tuple[tuple[int, ...], ...]) -> None:
        self._groups = groups

    @property
    def all(self) -> range:
        """Every mask."""
        return range(2 ** len(self._groups))

    def of(self, matrix: NDArray[np.float32]) -> NDArray[np.intp]:
        """The mask of each row."""
        mask = np.zeros(len(matrix), dtype=np.intp)
        for bit, columns in enumerate(self._groups):
            mask |= np.isnan(matrix[:, columns[0]]).astype(np.intp) << bit
        return mask

    def possible(self, matrix: NDArray[np.float32]) -> list[int]:
        """The masks that can be applied to these rows: a group that no row has is unknown in each."""
        never = self.never_known(matrix)
        return [mask for mask in self.all if mask & never == never]

    def never_known(self, matrix: NDArray[np.float32]) -> int:
        """The mask of the groups that no row has."""
        empty = (all(np.isnan(matrix[:, column]).all() for column in columns) for columns in self._groups)
        return sum(1 << bit for bit, is_empty in enumerate(empty) if is_empty)

    def masked(self, matrix: NDArray[np.float32], mask: int) -> NDArray[np.float32]:
        """Copies the rows and sets the mask's columns to NaN."""
        copy = matrix.copy()
        copy[:, self._columns(mask)] = np.nan
        return copy

    def augmented(
        self,
        matrix: NDArray[np.float32],
        target: NDArray[np.intp],
        random: np.random.Generator,
        *,
        overwrite: bool = False,
    ) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """Copies rows and labels under every possible mask, or each row under one drawn mask if too many.

        With `overwrite` the rows of drawn masks are those of the matrix, which saves the copy; otherwise the
        matrix is left as it is.
        """
        possible = self.possible(matrix)
        if len(matrix) * len(possible) <= MOST_COPIED:
            copies = [self.masked(matrix, mask) for mask in possible]
            return np.concatenate(copies), np.tile(target, len(possible))
        return self.drawn(matrix, random, overwrite=overwrite), target

    def drawn(
        self, matrix: NDArray[np.float32], random: np.random.Generator, *, overwrite: bool = False
    ) -> NDArray[np.float32]:
        """Copies (or overwrites) the rows, each under one drawn mask of those that are possible."""
        possible, matrix = self.possible(matrix), matrix if overwrite else matrix.copy()
        drawn = random.choice(possible, len(matrix))
        for mask in possible:
            matrix[np.ix_(drawn == mask, self._columns(mask))] = np.nan
        return matrix

    def _columns(self, mask: int) -> list[int]:
        groups = compress(self._groups, (mask >> bit & 1 for bit in range(len(self._groups))))
        return [column for columns in groups for column in columns]


class TrainingColumns:
    """The part of a data frame's interface that `CalibratedPipeline` needs; columns are made one at a time.

    Args:
        fields: Fields of the model.
        dataset: The rows.
        gaps: Fields that are absent in a random share of the rows.
        seed: Seed of the gaps.
    """

    def __init__(self, fields: Sequence[Field], dataset: Dataset, gaps: Iterable[Gap], seed: int) -> None:
        self._fields, self._dataset = fields, dataset
        self._absent = dict(gap_masks(len(dataset), fields, gaps, seed))

    def __len__(self) -> int:
        return len(self._dataset)

    def __getitem__(self, name: str) -> pd.Series:
        values = pipeline_column(self._fields, self._dataset, name)
        return masked(values, self._absent[name]) if name in self._absent else values

    def take(self, rows: NDArray[np.intp]) -> pd.DataFrame:
        """Makes the data frame of some rows, by position."""
        frame = pipeline_frame(self._fields, self._dataset.take(rows))
        return frame.assign(
            **{name: masked(frame[name], absent[rows]) for name, absent in self._absent.items()}
        )


def with_gaps(rows: pd.DataFrame, fields: Sequence[Field], gaps: Iterable[Gap], seed: int) -> pd.DataFrame:
    """Copies the data frame with each gap's fields absent in a random `share` of its rows."""
    absent = gap_masks(len(rows), fields, gaps, seed)
    return rows.assign(**{name: masked(rows[name], mask) for name, mask in absent})


def gap_masks(
    rows: int, fields: Sequence[Field], gaps: Iterable[Gap], seed: int
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Draws the rows in which each column of the data frame is absent."""
    random = np.random.default_rng(seed)
    for gap in gaps:
        absent = np.empty(rows, dtype=np.bool_)
        for start in range(0, rows, _DRAWN_AT_ONCE):
            part = absent[start : start + _DRAWN_AT_ONCE]
            part[:] = random.random(len(part)) < gap.share
        columns = Columns([field for field in fields if field.name in gap.fields])
        yield from ((name, absent) for name in (*columns.numbers, *columns.strings))


def masked(values: pd.Series, absent: NDArray[np.bool_]) -> pd.Series:
    """Sets values absent: NaN, or "" in a categorical column."""
    return values.where(~absent, "") if isinstance(values.dtype, pd.CategoricalDtype) else values.mask(absent)
