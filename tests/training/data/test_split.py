import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data.dataset import Dataset
from training.data.split import by_label, by_time
from training.errors import TrainingError


def dated(days: list[int]) -> Dataset:
    dates = np.datetime64("2024-01-01") + np.array(sorted(days)).astype("timedelta64[D]")
    return Dataset(name="x", columns={"row": np.arange(len(days))}, target=np.zeros(len(days)), dates=dates)


@given(st.lists(st.integers(0, 30), min_size=5, max_size=200))
def test_every_day_is_learned_from_or_tested_on_and_the_later_are_tested_on(days: list[int]) -> None:
    split = by_time(dated(days), seed=0)

    learned, tested = split.train.dates, split.test.dates
    assert learned is not None
    assert tested is not None
    assert len(learned) + len(tested) == len(days)
    assert len(tested) >= 0.2 * len(days)
    assert all(day < tested.min() for day in learned)


def test_a_split_by_time_says_which_days_were_tested_on() -> None:
    split = by_time(dated(list(range(10))), seed=0)

    assert split.description == "The last 20% by time, 2024-01-09 to 2024-01-10 (2 rows)"


def test_rows_without_dates_cannot_be_split_by_time() -> None:
    with pytest.raises(TrainingError, match="'x' have no dates"):
        by_time(Dataset(name="x", columns={}, target=np.zeros(3)), seed=0)


def test_a_split_by_label_keeps_proportions_and_parts_all_rows() -> None:
    rows = Dataset(name="x", columns={"row": np.arange(100)}, target=np.repeat([0, 1], [75, 25]))

    split = by_label(rows, seed=3)

    assert np.bincount(split.test.target).tolist() == [15, 5]
    together = np.concatenate([split.train.columns["row"], split.test.columns["row"]])
    assert sorted(together) == list(range(100))


def test_a_split_by_label_follows_its_seed() -> None:
    rows = Dataset(name="x", columns={"row": np.arange(100)}, target=np.repeat([0, 1], 50))

    first, again, other = (by_label(rows, seed).test.columns["row"].tolist() for seed in (1, 1, 2))

    assert first == again != other
