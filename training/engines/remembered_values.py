"""Memory of a slow function of column values: a value that repeats is computed once."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Values that are remembered, and the most that are looked up at once: of more, few repeat.
_MOST, _MOST_AT_ONCE = 1 << 16, 1 << 13

ComputedResults = TypeVar("ComputedResults")


class RememberedValues(Generic[ComputedResults]):
    """Results of the values of one column; for one thread.

    Args:
        compute: Returns the results of values, in their order; each depends on one value alone.
        join: Returns two batches of results as one.
    """

    def __init__(
        self,
        compute: Callable[[pa.Array], ComputedResults],
        join: Callable[[ComputedResults, ComputedResults], ComputedResults],
    ) -> None:
        self._compute, self._join = compute, join
        self._known: tuple[pa.Array, ComputedResults] | None = None

    def of(self, values: pa.Array) -> tuple[ComputedResults, Any]:
        """Returns results, and the position of each value's among them.

        Args:
            values: Values of the same type in every call; few of them are equal.
        """
        if self._known is None or len(values) > _MOST_AT_ONCE:
            results = self._compute(values)
            if self._known is None and len(values) <= _MOST_AT_ONCE:
                self._known = (values, results)
            return results, np.arange(len(values))
        known, results = self._known
        places = pc.index_in(values, known)
        if places.null_count:
            new = values.filter(pc.is_null(places))
            if len(known) + len(new) > _MOST:
                return self._compute(values), np.arange(len(values))
            known, results = pa.concat_arrays([known, new]), self._join(results, self._compute(new))
            self._known = (known, results)
            places = pc.index_in(values, known)
        return results, places.to_numpy()
