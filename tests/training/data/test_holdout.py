from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.training.toys import TOY, read_toy
from training.checks.datasets import read_dataset
from training.data.data_options import DataOptions
from training.data.holdout import UNDATED_SHARE, row_digests, uniform_digests, without_holdout
from training.errors import TrainingError


def test_the_newest_days_are_held_out() -> None:
    # Given forty days of ten rows
    data = read_toy()
    assert data.dates is not None

    kept = without_holdout(data, 14)

    assert kept.period == ("2024-01-01", str(data.dates[-1] - np.timedelta64(14, "D")))
    assert (len(kept), kept.held_out) == (26 * 10, 0.0)


def test_a_tenth_of_rows_without_dates_is_held_out_in_any_order() -> None:
    data = replace(read_toy(2_000), dates=None)
    order = np.random.default_rng(0).permutation(len(data))

    kept, shuffled = without_holdout(data, 1), without_holdout(data.take(order), 1)

    assert kept.held_out == UNDATED_SHARE
    assert 0.88 < len(kept) / len(data) < 0.92
    assert sorted(row_digests(kept)) == sorted(row_digests(shuffled))


def test_rows_are_held_out_of_other_rows_too() -> None:
    data = replace(read_toy(2_000), dates=None)
    some = data.take(np.arange(0, 2_000, 3))

    kept = set(row_digests(without_holdout(data, 1)).tolist())

    assert {digest in kept for digest in row_digests(without_holdout(some, 1)).tolist()} == {True}


@pytest.mark.parametrize("values", [["a", None, "b"], [1.5, np.nan, -0.0], ["05:00", None, "17:45"]])
def test_a_digest_follows_from_the_values_and_not_from_their_form(values: list[object]) -> None:
    is_number = isinstance(values[0], float)
    column = np.array(values, dtype=float if is_number else object)
    data = replace(read_toy(3), columns={"value": column})
    other = pd.Categorical(column) if not is_number else column + 0.0

    same = replace(data, columns={"value": other, "absent": np.full(3, np.nan)})

    assert len({*row_digests(data).tolist()}) == 3
    assert (row_digests(data) == row_digests(same)).all()
    assert ((uniform_digests(data) >= 0) & (uniform_digests(data) < 1)).all()


def test_a_holdout_that_leaves_too_few_rows_is_refused() -> None:
    with pytest.raises(TrainingError, match="has 10 usable rows without the 39 days that are held out"):
        read_dataset(TOY, DataOptions(holdout=39))
