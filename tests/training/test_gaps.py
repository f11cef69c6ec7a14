import numpy as np
import pytest

from training.dataset import Dataset
from training.gaps import with_gaps
from training.model import Gap

ROWS = 4_000
GAPS = (Gap(fields=("a", "b"), share=0.5), Gap(fields=("c",), share=0.1))


@pytest.fixture
def whole() -> Dataset:
    columns = {name: np.ones(ROWS) for name in "abcd"}
    return Dataset(name="made here", columns=columns, target=np.zeros(ROWS))


def test_a_gaps_fields_are_absent_together_in_about_its_share_of_rows(whole: Dataset) -> None:
    gapped = with_gaps(whole, GAPS, seed=0)

    absent = {name: np.isnan(values) for name, values in gapped.columns.items()}
    assert (absent["a"] == absent["b"]).all()
    assert (absent["a"] != absent["c"]).any()
    assert absent["a"].mean() == pytest.approx(0.5, abs=0.05)
    assert absent["c"].mean() == pytest.approx(0.1, abs=0.05)
    assert not absent["d"].any()


def test_the_same_seed_leaves_out_the_same(whole: Dataset) -> None:
    first, again, other = (with_gaps(whole, GAPS, seed=seed).columns["a"] for seed in (1, 1, 2))

    np.testing.assert_array_equal(first, again)
    assert (np.isnan(first) != np.isnan(other)).any()
