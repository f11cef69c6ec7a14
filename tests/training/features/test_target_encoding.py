import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.features.target_encoding import (
    FOLDS,
    SmoothedMeans,
    above_day_mean,
    day_count,
    fit_cross,
    weekly_folds,
)

SMOOTHING = 5.0
ROWS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, FOLDS - 1), st.booleans()), min_size=1, max_size=40
)


def rates(cells: np.ndarray, target: np.ndarray, folds: np.ndarray) -> SmoothedMeans:
    return SmoothedMeans(cells, size=5, target=target.astype(np.float64), folds=folds, smoothing=SMOOTHING)


@given(ROWS)
def test_a_rate_is_the_label_sum_of_its_cell_divided_by_rows_plus_smoothing(
    rows: list[tuple[int, int, bool]],
) -> None:
    cells, folds, target = (np.array(column) for column in zip(*rows, strict=True))

    table = rates(cells, target, folds).table()

    for cell in range(1, 5):
        selected = cells == cell
        assert table[cell] == pytest.approx(target[selected].sum() / (selected.sum() + SMOOTHING), abs=1e-6)


@given(ROWS)
def test_a_training_row_has_the_rate_of_the_other_folds_only(rows: list[tuple[int, int, bool]]) -> None:
    cells, folds, target = (np.array(column) for column in zip(*rows, strict=True))

    encoded = rates(cells, target, folds).out_of_fold(cells, folds)

    for row, (cell, fold) in enumerate(zip(cells, folds, strict=True)):
        others = (cells == cell) & (folds != fold)
        assert encoded[row] == pytest.approx(target[others].sum() / (others.sum() + SMOOTHING), abs=1e-6)


@given(ROWS)
def test_a_cell_that_is_as_expected_has_a_mean_near_0_and_an_unknown_one_0(
    rows: list[tuple[int, int, bool]],
) -> None:
    cells, folds, target = (np.array(column) for column in zip(*rows, strict=True))
    target = target.astype(np.float64)

    means = SmoothedMeans(
        cells, size=5, target=target, folds=folds, smoothing=SMOOTHING, expected=np.full((FOLDS + 1, 5), 0.25)
    )

    for cell in range(1, 5):
        selected = cells == cell
        deviation = (target[selected] - 0.25).sum() / (selected.sum() + SMOOTHING)
        assert means.table()[cell] == pytest.approx(deviation, abs=1e-6)
    assert not means.means[:, 0].any()


CODES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 4)), min_size=1, max_size=30)


@given(CODES, CODES)
def test_each_combination_of_the_training_rows_is_a_cell_and_all_others_are_cell_0(
    training: list[tuple[int, int, int]], asked: list[tuple[int, int, int]]
) -> None:
    # Given a cross of three columns of 4, 3 and 5 codes
    columns = [np.array(column) for column in zip(*training, strict=True)]
    cross, fitted = fit_cross(columns, (4, 3, 5))
    np.testing.assert_array_equal(fitted, cross.cells(columns))

    # When rows ask for their cells
    cells = cross.cells([np.array(column) for column in zip(*asked, strict=True)])

    # Then a known combination has a cell of its own, whose codes and identity are its own
    known = {codes for codes in training if all(codes)}
    assert cross.size == 1 + len(known)
    of_cell = list(zip(*(column.tolist() for column in cross.codes()), strict=True))
    for codes, cell in zip(asked, cells.tolist(), strict=True):
        assert (cell > 0) == (codes in known)
        if cell:
            assert of_cell[cell] == codes
            assert cross.identities[cell] == np.dot(codes, cross.weights())


def test_rows_of_several_blocks_have_the_cells_of_their_codes() -> None:
    # Given rows whose last block alone has the combination of 3 and 2
    one, two = np.ones(200_000, dtype=np.int8), np.ones(200_000, dtype=np.int8)
    one[-1], two[-1] = 3, 2

    # When their cross is fitted
    cross, cells = fit_cross([one, two], (4, 3))

    # Then these are two cells, and each row is in its own
    assert cross.size == 3
    assert cells[-1] == 2
    assert (cells[:-1] == 1).all()


def test_days_without_rows_are_not_counted() -> None:
    dates = np.array(["2024-01-01", "2024-01-05", "2024-01-01"], dtype="datetime64[D]")

    assert day_count(dates) == 2


def test_a_day_of_equal_labels_has_zero_differences_from_its_mean() -> None:
    dates = np.array(["2024-01-01"] * 2 + ["2024-01-03"] * 4, dtype="datetime64[D]")

    differences = above_day_mean(np.array([1, 1, 1, 0, 0, 0]), dates)

    np.testing.assert_allclose(differences, [0, 0, 0.75, -0.25, -0.25, -0.25])


def test_a_week_is_in_one_fold_and_the_next_week_in_another() -> None:
    days = np.datetime64("2024-01-04") + np.arange(7 * (FOLDS + 1))

    folds = weekly_folds(days)

    weeks = folds.reshape(-1, 7)
    assert (weeks == weeks[:, :1]).all()
    assert len(set(weeks[:FOLDS, 0])) == FOLDS
    assert weeks[0, 0] == weeks[FOLDS, 0]
