"""Distinct rows that were answered, with their outputs."""

from typing import Any, NamedTuple

import numpy as np

# Most distinct rows that are kept; they take about 100 MB.
_MOST_KEPT = 1 << 21
# A level is merged into the one before when it has more than this share of its rows.
_MERGED_SHARE = 1 / 8


class KeptRows(NamedTuple):
    """Distinct rows in sorted levels; never changed, so that several threads may read them.

    New rows are a level of their own, which is merged into a larger one once it is worth copying that: a
    log-structured merge tree (O'Neil et al., 1996).
    """

    levels: tuple["_Level", ...] = ()

    def find(self, keys: Any, codes: Any) -> tuple[Any, Any]:
        """Looks rows up.

        Args:
            keys: Hash of each row, in ascending order, so that the search reads memory in its order.
            codes: Words of each row in a column of shape (words, rows); they decide whether two rows are the
                same.

        Returns:
            Which rows are kept, and the outputs of all rows, where those of others have no meaning; None
            while there are none.
        """
        if not self.levels:
            return np.zeros(len(keys), bool), None
        first, *rest = self.levels
        place, known = first.find(keys, codes)
        outputs = first.outputs.take(place, axis=0)
        for level in rest:
            others = np.flatnonzero(~known)
            place, hit = level.find(keys.take(others), codes.take(others, axis=1))
            found = others[hit]
            outputs[found] = level.outputs.take(place[hit], axis=0)
            known[found] = True
        return known, outputs

    def with_rows(self, keys: Any, codes: Any, outputs: Any) -> "KeptRows":
        """Returns these rows, whose keys are in ascending order, and others, unless they are too many."""
        if not len(keys) or len(keys) + sum(len(level.keys) for level in self.levels) > _MOST_KEPT:
            return self
        levels = [*self.levels, _Level(keys, codes, outputs)]
        while len(levels) > 1 and len(levels[-1].keys) > _MERGED_SHARE * len(levels[-2].keys):
            last = levels.pop()
            levels[-1] = levels[-1].merged(last)
        return KeptRows(tuple(levels))


class _Level(NamedTuple):
    """Rows in the order of their keys."""

    keys: Any
    codes: Any
    outputs: Any

    def find(self, keys: Any, codes: Any) -> tuple[Any, Any]:
        """Returns a position for each row, and which of the rows are there."""
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        same = self.keys.take(place) == keys
        for own, asked in zip(self.codes, codes, strict=True):
            same &= own.take(place) == asked
        return place, same

    def merged(self, other: "_Level") -> "_Level":
        """Returns the rows of both; of rows with one key, those that are found first."""
        place = np.searchsorted(self.keys, other.keys)
        added = np.flatnonzero(self.keys.take(place, mode="clip") != other.keys)
        targets = place.take(added) + np.arange(len(added))
        is_own = np.ones(len(self.keys) + len(added), bool)
        is_own[targets] = False
        own_targets = np.flatnonzero(is_own)

        def merge(own: Any, others: Any) -> Any:
            whole = np.empty((len(is_own), *own.shape[1:]), own.dtype)
            whole[own_targets], whole[targets] = own, others.take(added, axis=0)
            return whole

        codes = [merge(*words) for words in zip(self.codes, other.codes, strict=True)]
        return _Level(merge(self.keys, other.keys), np.array(codes), merge(self.outputs, other.outputs))
