import numpy as np
import pandas as pd
import pytest

from bundle import Field
from training.data.dataset import Dataset
from training.data.model_inputs import pipeline_frame
from training.fitting.missing_value_augmentation import TrainingColumns, with_gaps
from training.model import Gap

ROWS = 4_000
FIELDS = (
    *(Field(name=name, type="number", required=False, example=1.0) for name in "abcd"),
    Field(name="e", type="string", required=False, example="x"),
)
GAPS = (Gap(fields=("a", "b"), share=0.5), Gap(fields=("c", "e"), share=0.1))


@pytest.fixture
def complete_rows() -> pd.DataFrame:
    columns = {**{name: np.ones(ROWS) for name in "abcd"}, "e": np.full(ROWS, "x", dtype=object)}
    return pipeline_frame(FIELDS, Dataset(name="generated", columns=columns, target=np.zeros(ROWS)))


def test_the_fields_of_a_gap_are_absent_together_in_about_its_share_of_rows(
    complete_rows: pd.DataFrame,
) -> None:
    gapped = with_gaps(complete_rows, FIELDS, GAPS, seed=0)

    absent = {name: np.isnan(gapped[name].to_numpy()) for name in "abcd"}
    assert (absent["a"] == absent["b"]).all()
    assert (absent["a"] != absent["c"]).any()
    assert absent["a"].mean() == pytest.approx(0.5, abs=0.05)
    assert absent["c"].mean() == pytest.approx(0.1, abs=0.05)
    assert not absent["d"].any()
    np.testing.assert_array_equal(gapped["e"] == "", absent["c"])


def test_the_data_frame_keeps_its_columns_and_their_types(complete_rows: pd.DataFrame) -> None:
    gapped = with_gaps(complete_rows, FIELDS, GAPS, seed=0)

    assert [*gapped.columns] == [*complete_rows.columns]
    assert {str(kind) for kind in gapped.dtypes[:4]} == {"float32"}
    assert gapped["e"].cat.categories.tolist() == complete_rows["e"].cat.categories.tolist()


def test_the_same_seed_gives_the_same_gaps(complete_rows: pd.DataFrame) -> None:
    first, repeated, other = (
        with_gaps(complete_rows, FIELDS, GAPS, seed=seed)["a"].to_numpy() for seed in (1, 1, 2)
    )

    np.testing.assert_array_equal(first, repeated)
    assert (np.isnan(first) != np.isnan(other)).any()


def test_the_columns_one_by_one_are_those_of_the_data_frame_with_gaps() -> None:
    fields = (
        *FIELDS,
        Field(name="f", type="date", example="2018-01-31"),
        Field(name="g", type="time", example="05:45"),
    )
    random = np.random.default_rng(0)
    columns = {
        "a": np.ones(ROWS),
        "e": pd.Categorical.from_codes(random.integers(-1, 3, ROWS), ["x", "y", "z"]),
        "f": np.datetime64("2018-01-31") + random.integers(0, 365, ROWS).astype("timedelta64[D]"),
        "g": np.where(random.random(ROWS) < 0.5, "05:45", "17:00").astype(object),
    }
    dataset = Dataset(name="generated", columns=columns, target=np.zeros(ROWS))
    whole = with_gaps(pipeline_frame(fields, dataset), fields, GAPS, seed=3)

    lazy = TrainingColumns(fields, dataset, GAPS, seed=3)

    some = np.arange(0, ROWS, 7)
    pd.testing.assert_frame_equal(lazy.take(some), whole.take(some).reset_index(drop=True))
    for name in whole:
        pd.testing.assert_series_equal(lazy[name], whole[name], check_names=False)
