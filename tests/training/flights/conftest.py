"""Queries on flight files, compiled once in each test process."""

from collections.abc import Iterator
from typing import Any

import ibis
import pytest

_COMPILED: dict[Any, Any] = {}


@pytest.fixture(scope="module", autouse=True)
def compiled_queries() -> Iterator[None]:
    """Caches the SQL of equal expressions: Ibis takes most of the time in which a small file is read."""
    to_sql = ibis.to_sql

    def cached(expression: Any, **options: Any) -> Any:
        # Operations of Ibis are equal when all of their parts are.
        key = (expression.op(), *sorted(options.items()))
        if key not in _COMPILED:
            _COMPILED[key] = to_sql(expression, **options)
        return _COMPILED[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ibis, "to_sql", cached)
        yield
