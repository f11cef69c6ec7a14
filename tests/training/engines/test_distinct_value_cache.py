"""Memory of a slow function of column values."""

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from training.engines import distinct_value_cache
from training.engines.distinct_value_cache import RememberedValues


def square_roots(calls: list[list[float | None]]) -> RememberedValues[pa.Array]:
    """Square roots of numbers; the values of each computation are added to `calls`."""

    def compute(values: pa.Array) -> pa.Array:
        calls.append(values.to_pylist())
        roots = [None if value is None else math.sqrt(value) for value in values.to_pylist()]
        return pa.array(roots, pa.float64())

    return RememberedValues(compute, lambda one, other: pa.concat_arrays([one, other]))


def found(memory: RememberedValues[pa.Array], values: Sequence[float | None]) -> list[float | None]:
    results, places = memory.of(pa.array(values, pa.float64()))
    return list(results.take(pa.array(places)).to_pylist())


def test_each_value_gets_its_result_and_only_new_values_are_computed() -> None:
    # Given
    calls: list[list[float | None]] = []
    memory = square_roots(calls)

    # When
    roots = [found(memory, values) for values in ([4.0, None], [9.0, 4.0], [None, 9.0, 4.0], [])]

    # Then
    assert roots == [[2.0, None], [3.0, 2.0], [None, 3.0, 2.0], []]
    assert calls == [[4.0, None], [9.0]]


@pytest.mark.parametrize("limit", ["_MOST", "_MOST_AT_ONCE"])
def test_values_beyond_a_limit_are_computed_and_not_remembered(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    calls: list[list[float | None]] = []
    memory = square_roots(calls)
    found(memory, [4.0])
    monkeypatch.setattr(distinct_value_cache, limit, 2)

    # When
    roots = [found(memory, [16.0, 25.0, 36.0]) for _ in range(2)]

    # Then
    assert roots == [[4.0, 5.0, 6.0]] * 2
    assert calls[1:] == [[16.0, 25.0, 36.0]] * 2
    assert found(memory, [4.0]) == [2.0]
    assert len(calls) == 3


def test_not_a_number_is_one_value() -> None:
    calls: list[list[float | None]] = []
    memory = square_roots(calls)

    for _ in range(2):
        [root] = found(memory, [math.nan])
        assert root is not None
        assert np.isnan(root)
    assert len(calls) == 1


def test_values_that_another_thread_adds_meanwhile_keep_their_results() -> None:
    # Given
    def compute(values: pa.Array) -> pa.Array:
        if values.to_pylist() == [9.0]:
            assert found(memory, [16.0]) == [-16.0]
        return pa.array([-value for value in values.to_pylist()])

    memory = RememberedValues(compute, lambda one, other: pa.concat_arrays([one, other]))
    found(memory, [4.0])

    # When
    results = found(memory, [9.0, 4.0])

    # Then
    assert results == [-9.0, -4.0]
    assert found(memory, [16.0, 9.0, 4.0]) == [-16.0, -9.0, -4.0]
