import numpy as np
import pytest

from training.fitting import missing_value_augmentation
from training.fitting.missing_value_augmentation import HiddenColumns

NAN = np.nan
GROUPS = ((1,), (2, 3))


def rows(count: int = 6) -> np.ndarray:
    return np.arange(count * 4, dtype=np.float32).reshape(count, 4)


def test_the_mask_of_a_row_has_a_bit_for_each_unknown_group() -> None:
    matrix = np.array(
        [[0, 1, 2, 3], [0, NAN, 2, NAN], [0, 1, NAN, 3], [NAN, NAN, NAN, NAN]], dtype=np.float32
    )

    assert HiddenColumns(GROUPS).of(matrix).tolist() == [0, 1, 2, 3]


def test_few_rows_are_copied_under_every_mask() -> None:
    matrix, target = HiddenColumns(GROUPS).augmented(rows(), np.arange(6), np.random.default_rng(0))

    assert np.bincount(HiddenColumns(GROUPS).of(matrix)).tolist() == [6, 6, 6, 6]
    np.testing.assert_array_equal(matrix[:, 0], rows()[target, 0])


def test_many_rows_get_one_drawn_mask_each() -> None:
    count = missing_value_augmentation.MOST_COPIED // 4 + 1

    matrix, target = HiddenColumns(GROUPS).augmented(rows(count), np.arange(count), np.random.default_rng(0))

    assert len(matrix) == len(target) == count
    shares = np.bincount(HiddenColumns(GROUPS).of(matrix)) / count
    np.testing.assert_allclose(shares, 0.25, atol=0.01)


@pytest.mark.parametrize("most", [24, 23], ids=["copied under every mask", "one drawn mask each"])
def test_the_callers_matrix_is_not_changed(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing_value_augmentation, "MOST_COPIED", most)
    matrix = rows()

    masked, _ = HiddenColumns(GROUPS).augmented(matrix, np.arange(6), np.random.default_rng(0))

    assert np.isnan(masked).any()
    np.testing.assert_array_equal(matrix, rows())


def test_many_rows_are_masked_in_place_when_their_matrix_may_be_overwritten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(missing_value_augmentation, "MOST_COPIED", 23)
    matrix, columns = rows(), HiddenColumns(GROUPS)
    copied, _ = columns.augmented(matrix, np.arange(6), np.random.default_rng(0))

    masked, _ = columns.augmented(matrix, np.arange(6), np.random.default_rng(0), overwrite=True)

    assert masked is matrix
    np.testing.assert_array_equal(masked, copied)


def test_a_group_that_is_absent_in_every_row_is_unknown_under_every_mask() -> None:
    matrix = rows()
    matrix[:, 2:] = NAN

    masked, _ = HiddenColumns(GROUPS).augmented(matrix, np.arange(6), np.random.default_rng(0))

    assert np.bincount(HiddenColumns(GROUPS).of(masked)).tolist() == [0, 0, 6, 6]
