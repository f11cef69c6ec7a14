"""Training rows as the columns of a pipeline's data frame, each made when it is asked for."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bundle import Columns, Field
from training.data.dataset import Dataset
from training.data.model_inputs import pipeline_column, pipeline_frame
from training.model import Gap

_DRAWN_AT_ONCE = 1_000_000


class TrainingColumns:
    """What `CalibratedPipeline` needs of a data frame, without the memory of all columns at once.

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
