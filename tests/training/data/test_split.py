import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data import split as split_module
from training.data.dataset import Dataset
from training.data.split import by_label, by_time
from training.errors import TrainingError


def dated(days: list[int]) -> Dataset:
    dates = np.datetime64("2024-01-01") + np.array(sorted(days)).astype("timedelta64[D]")
    return Dataset(name="x", columns={"row": np.arange(len(days))}, target=np.zeros(len(days)), dates=dates)


@given(st.lists(st.integers(0, 30), min_size=5, max_size=200).filter(lambda days: len({*days}) > 1))
def test_a_split_by_time_uses_every_row_once_and_tests_on_the_last_days(days: list[int]) -> None:
    split = by_time(dated(days), seed=0)

    train_dates, test_dates = split.train.dates, split.test.dates
    assert train_dates is not None
    assert test_dates is not None
    assert len(train_dates) + len(test_dates) == len(days)
    assert len(train_dates) > 0
    # The first day is never tested on, whatever its share of the rows.
    assert len(test_dates) >= min(0.2 * len(days), len(days) - days.count(min(days)))
    assert all(day < test_dates.min() for day in train_dates)


def test_the_description_of_a_split_by_time_names_the_test_days() -> None:
    split = by_time(dated(list(range(10))), seed=0)

    assert split.description == "The last 20% by time, 2024-01-09 to 2024-01-10 (2 rows)"


def test_very_many_test_rows_are_thinned_evenly_and_the_description_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given at most three test rows, and a last fifth of nine
    monkeypatch.setattr(split_module, "MOST_TEST_ROWS", 3)

    # When rows of 45 days are split
    split = by_time(dated(list(range(45))), seed=0)

    # Then every fourth of the nine is tested on, and none of the others is trained on
    assert split.test.columns["row"].tolist() == [36, 40, 44]
    assert len(split.train) == 36
    assert split.description.endswith("2024-02-06 to 2024-02-14 (3 of 9 rows, evenly spaced)")


def test_a_last_day_with_most_rows_leaves_the_days_before_it_to_training() -> None:
    split = by_time(dated([0, *[1] * 9]), seed=0)

    assert (len(split.train), len(split.test)) == (1, 9)


def test_a_first_day_with_most_rows_is_trained_on() -> None:
    split = by_time(dated([*[0] * 9, 1]), seed=0)

    assert (len(split.train), len(split.test)) == (9, 1)


def test_rows_of_one_day_cannot_be_split_by_time() -> None:
    with pytest.raises(TrainingError, match="x has rows of one day only, 2024-01-01"):
        by_time(dated([0] * 10), seed=0)


def test_rows_without_dates_cannot_be_split_by_time() -> None:
    with pytest.raises(TrainingError, match="'x' have no dates"):
        by_time(Dataset(name="x", columns={}, target=np.zeros(3)), seed=0)


def test_a_split_by_label_keeps_the_proportions_and_uses_every_row_once() -> None:
    rows = Dataset(name="x", columns={"row": np.arange(100)}, target=np.repeat([0, 1], [75, 25]))

    split = by_label(rows, seed=3)

    assert np.bincount(split.test.target).tolist() == [15, 5]
    all_rows = np.concatenate([split.train.columns["row"], split.test.columns["row"]])
    assert sorted(all_rows) == list(range(100))


def test_a_split_by_label_depends_on_its_seed() -> None:
    rows = Dataset(name="x", columns={"row": np.arange(100)}, target=np.repeat([0, 1], 50))

    first, again, other = (by_label(rows, seed).test.columns["row"].tolist() for seed in (1, 1, 2))

    assert first == again != other
