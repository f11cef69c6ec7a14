"""Memory of a slow function of column values: a value that repeats is computed once."""

from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Values that are remembered, and the most that are looked up at once: of more, few repeat.
_MOST, _MOST_AT_ONCE = 1 << 16, 1 << 13

ComputedResults = TypeVar("ComputedResults")


class RememberedValues(Generic[ComputedResults]):
    """Results of the values of one column; several threads may use it.

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
        self._lock = Lock()

    def of(self, values: pa.Array) -> tuple[ComputedResults, Any]:
        """Returns results, and the position of each value's among them.

        Args:
            values: Values of the same type in every call; few of them are equal.
        """
        if len(values) > _MOST_AT_ONCE:
            return self._alone(values)
        if self._known is None:
            with self._lock:
                # Threads that come at the same time wait for the first one.
                self._known = self._known or (values, self._compute(values))
        known, results = self._known
        places = pc.index_in(values, known)
        if places.null_count:
            new = values.filter(pc.is_null(places))
            if len(known) + len(new) > _MOST:
                return self._alone(values)
            computed = self._compute(new)
            with self._lock:
                # Two threads may add the same value: it is there twice then, with equal results.
                known, results = self._known
                known, results = pa.concat_arrays([known, new]), self._join(results, computed)
                self._known = (known, results)
            places = pc.index_in(values, known)
        return results, places.to_numpy()

    def _alone(self, values: pa.Array) -> tuple[ComputedResults, Any]:
        return self._compute(values), np.arange(len(values))
