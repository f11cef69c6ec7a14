"""Training rows with what a client may not know left out."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bundle import Columns, Field
from training.model import Gap


def with_gaps(rows: pd.DataFrame, fields: Sequence[Field], gaps: Iterable[Gap], seed: int) -> pd.DataFrame:
    """The frame with each gap's fields absent in a random `share` of its rows; the same for the same seed."""
    random = np.random.default_rng(seed)
    gapped = {}
    for gap in gaps:
        absent = random.random(len(rows)) < gap.share
        columns = Columns([field for field in fields if field.name in gap.fields])
        gapped.update({name: _blank(rows[name], absent) for name in (*columns.numbers, *columns.strings)})
    return rows.assign(**gapped)


def _blank(values: pd.Series, absent: NDArray[np.bool_]) -> pd.Series:
    # A frame of few rows may not be missing any string: then "" is no category of it yet.
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.where(~absent, "")
    return values.mask(absent)
