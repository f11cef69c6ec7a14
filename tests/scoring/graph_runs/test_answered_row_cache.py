"""Distinct rows that were answered: found again whatever was kept before and after them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.graph_runs import answered_row_cache
from scoring.graph_runs.answered_row_cache import KeptRows

# Few keys, so that different rows have the same one.
ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=40)


def arrays(rows: list[tuple[int, int]]) -> tuple[Any, Any, Any]:
    """Keys in ascending order, codes and outputs of rows; the output names the row."""
    rows = sorted(rows)
    keys = np.array([key for key, _ in rows], np.uint64)
    codes = np.array([[number, number + 1] for _, number in rows], np.uint64).reshape(-1, 2).T
    return keys, codes, np.array([[100.0 * key + number] for key, number in rows], np.float32)


@given(st.lists(ROWS, max_size=12), ROWS)
def test_a_row_that_is_found_has_the_output_that_it_was_kept_with(
    batches: list[list[tuple[int, int]]], asked: list[tuple[int, int]]
) -> None:
    # Given
    kept = KeptRows()
    for batch in batches:
        kept = kept.with_rows(*arrays(list(dict.fromkeys(batch))))

    # When
    keys, codes, expected = arrays(asked)
    known, outputs = kept.find(keys, codes)

    # Then
    seen = {row for batch in batches for row in batch}
    assert not known[[row not in seen for row in sorted(asked)]].any()
    assert known.any() <= (outputs is not None)
    if outputs is not None:
        assert np.array_equal(outputs[known], expected[known])


def test_rows_with_keys_of_their_own_are_all_found_in_few_levels() -> None:
    kept = KeptRows()
    rows = [(key, key % 10) for key in np.random.default_rng(1).permutation(1000).tolist()]
    for start in range(0, 1000, 10):
        kept = kept.with_rows(*arrays(rows[start : start + 10]))

    keys, codes, expected = arrays(rows)
    known, outputs = kept.find(keys, codes)
    assert known.all()
    assert np.array_equal(outputs, expected)
    assert len(kept.levels) <= 4


def test_rows_beyond_the_limit_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answered_row_cache, "_MOST_KEPT", 3)
    kept = KeptRows().with_rows(*arrays([(1, 1), (2, 2)]))

    assert kept.with_rows(*arrays([(3, 3), (4, 4)])) is kept
    assert len(kept.with_rows(*arrays([(3, 3)])).find(*arrays([(3, 3)])[:2])[0]) == 1
