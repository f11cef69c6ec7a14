"""Costs of a run that scores files, computed by hand."""

import pytest

from stacks.costs.scoring_costs import scoring_dollars
from tests.stacks.costs.round_prices import table

MB = 1 << 20


def test_a_small_object_is_one_call() -> None:
    found = scoring_dollars([("a.csv", 4 * MB)], range_bytes=64 * MB, table=table())

    # Two seconds of two GB, and three calls: for the start, the object and the end.
    assert found["Lambda"] == pytest.approx(4 * 4 + 3 * 5 / 1e6)
    assert found["Step Functions"] == pytest.approx((5 + 3) * 23 / 1e6)
    assert found["S3"] == pytest.approx((8 * 21 + 3 * 22) / 1e6)


def test_a_large_object_is_split_into_ranges() -> None:
    found = scoring_dollars([("a.csv", 128 * MB)], range_bytes=64 * MB, table=table())

    assert found["Lambda"] == pytest.approx((64 + 3.2) * 2 * 4 + 5 * 5 / 1e6)
    assert found["Step Functions"] == pytest.approx((5 + 4 + 2) * 23 / 1e6)
    assert found["S3"] == pytest.approx((12 * 21 + (2 + 16 + 2) * 22) / 1e6)
