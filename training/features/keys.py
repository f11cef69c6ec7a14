"""One or two columns of categories as one key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.errors import TrainingError

HOUR = "hour"
HOURS = tuple(f"{hour:02d}" for hour in range(24))

Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Axis:
    """One column's categories, as they were when fitted.

    Attributes:
        names: The categories.
    """

    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    def codes(self, values: pd.Series) -> NDArray[np.int32]:
        """The position of each value's category, -1 when it was not met."""
        found = pd.Index(self.names, dtype=object).get_indexer(values.cat.categories)
        return np.asarray(found.astype(np.int32)[values.cat.codes.to_numpy()])


def hour_codes(minutes: pd.Series) -> NDArray[np.int32]:
    """The hour of times in minutes since midnight, -1 when absent."""
    values = minutes.to_numpy()
    return np.where(np.isnan(values), -1, np.nan_to_num(values) // 60).astype(np.int32)


def axis_of(values: pd.Series) -> Axis:
    """The categories that occur in a column of the frame; "" means absent, and is none.

    Raises:
        TrainingError: When they are not all of one length.
    """
    occurs = np.bincount(values.cat.codes.to_numpy(), minlength=len(values.cat.categories)) > 0
    names = tuple(sorted(name for name in values.cat.categories[occurs] if name))
    if len({len(name) for name in names}) > 1:
        # Keys are joined without a separator: "A" + "BC" would be "AB" + "C".
        raise TrainingError(
            f"The column {values.name!r} holds codes of different lengths, such as {names[:3]}."
        )
    return Axis(names)


class Cells:
    """The cells that two axes make; one axis by itself is a table of one row of columns.

    Args:
        axes: One or two.
    """

    def __init__(self, axes: Sequence[Axis]) -> None:
        self._axes = tuple(axes)

    @property
    def size(self) -> int:
        """How many cells there are, the one of all unknown combinations among them: it stands last."""
        return int(np.prod([len(axis) for axis in self._axes])) + 1

    def of(self, codes: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
        """The cell of each row, from its codes on the axes."""
        cell = codes[0]
        for axis, more in zip(self._axes[1:], codes[1:], strict=True):
            cell = cell * len(axis) + more
        unknown = np.logical_or.reduce([code < 0 for code in codes])
        return np.where(unknown, np.int32(self.size - 1), cell)

    def texts(self) -> list[str]:
        """The key of each known cell: its two codes joined, or its one code twice."""
        first, last = self._axes[0].names, self._axes[-1].names
        if len(self._axes) == 1:
            return [name * 2 for name in first]
        return [one + other for one in first for other in last]
