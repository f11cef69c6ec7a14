import numpy as np
import pandas as pd
import pytest

from bundle import Field
from training.data.dataset import Dataset
from training.data.inputs import pipeline_frame
from training.fitting.fit import with_gaps
from training.model import Gap

ROWS = 4_000
FIELDS = (
    *(Field(name=name, type="number", required=False, example=1.0) for name in "abcd"),
    Field(name="e", type="string", required=False, example="x"),
)
GAPS = (Gap(fields=("a", "b"), share=0.5), Gap(fields=("c", "e"), share=0.1))


@pytest.fixture
def whole() -> pd.DataFrame:
    columns = {**{name: np.ones(ROWS) for name in "abcd"}, "e": np.full(ROWS, "x", dtype=object)}
    return pipeline_frame(FIELDS, Dataset(name="made here", columns=columns, target=np.zeros(ROWS)))


def test_a_gaps_fields_are_absent_together_in_about_its_share_of_rows(whole: pd.DataFrame) -> None:
    gapped = with_gaps(whole, FIELDS, GAPS, seed=0)

    absent = {name: np.isnan(gapped[name].to_numpy()) for name in "abcd"}
    assert (absent["a"] == absent["b"]).all()
    assert (absent["a"] != absent["c"]).any()
    assert absent["a"].mean() == pytest.approx(0.5, abs=0.05)
    assert absent["c"].mean() == pytest.approx(0.1, abs=0.05)
    assert not absent["d"].any()
    np.testing.assert_array_equal(gapped["e"] == "", absent["c"])


def test_the_frame_keeps_its_columns_and_their_kinds(whole: pd.DataFrame) -> None:
    gapped = with_gaps(whole, FIELDS, GAPS, seed=0)

    assert [*gapped.columns] == [*whole.columns]
    assert {str(kind) for kind in gapped.dtypes[:4]} == {"float32"}
    assert gapped["e"].cat.categories.tolist() == whole["e"].cat.categories.tolist()


def test_the_same_seed_leaves_out_the_same(whole: pd.DataFrame) -> None:
    first, again, other = (with_gaps(whole, FIELDS, GAPS, seed=seed)["a"].to_numpy() for seed in (1, 1, 2))

    np.testing.assert_array_equal(first, again)
    assert (np.isnan(first) != np.isnan(other)).any()
