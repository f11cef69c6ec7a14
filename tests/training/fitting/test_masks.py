import numpy as np

from training.fitting import masks as views
from training.fitting.masks import Views

NAN = np.nan
GROUPS = ((1,), (2, 3))


def rows(count: int = 6) -> np.ndarray:
    return np.arange(count * 4, dtype=np.float32).reshape(count, 4)


def test_a_row_is_in_the_view_of_what_it_lacks() -> None:
    matrix = np.array(
        [[0, 1, 2, 3], [0, NAN, 2, NAN], [0, 1, NAN, 3], [NAN, NAN, NAN, NAN]], dtype=np.float32
    )

    assert Views(GROUPS).of(matrix).tolist() == [0, 1, 2, 3]


def test_few_rows_are_learned_from_in_every_view() -> None:
    matrix, target = Views(GROUPS).spread(rows(), np.arange(6), np.random.default_rng(0))

    assert np.bincount(Views(GROUPS).of(matrix)).tolist() == [6, 6, 6, 6]
    np.testing.assert_array_equal(matrix[:, 0], rows()[target, 0])


def test_many_rows_are_learned_from_once_in_a_view_that_is_drawn() -> None:
    count = views.MOST_COPIED // 4 + 1

    matrix, target = Views(GROUPS).spread(rows(count), np.arange(count), np.random.default_rng(0))

    assert len(matrix) == len(target) == count
    shares = np.bincount(Views(GROUPS).of(matrix)) / count
    np.testing.assert_allclose(shares, 0.25, atol=0.01)
    assert not np.isnan(rows(count)).any()


def test_what_no_row_has_stays_unknown_in_every_view() -> None:
    matrix = rows()
    matrix[:, 2:] = NAN

    spread, _ = Views(GROUPS).spread(matrix, np.arange(6), np.random.default_rng(0))

    assert np.bincount(Views(GROUPS).of(spread)).tolist() == [0, 0, 6, 6]
