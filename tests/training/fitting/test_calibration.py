import numpy as np
import pytest
from scipy.special import expit

from training.fitting.calibration import BLOCKS, blocks_of_time, calibration

ROWS = 40_000


def test_a_year_has_four_blocks_of_as_many_days() -> None:
    dates = np.repeat(np.datetime64("2023-01-01") + np.arange(364), 20)

    blocks = blocks_of_time(dates)

    assert blocks is not None
    assert np.bincount(blocks).tolist() == [91 * 20] * 4
    assert (np.diff(blocks) >= 0).all()


@pytest.mark.parametrize(("days", "rows_a_day"), [(20, 1_000), (300, 2)], ids=["few days", "few rows"])
def test_too_little_has_no_blocks(days: int, rows_a_day: int) -> None:
    assert blocks_of_time(np.repeat(np.datetime64("2023-01-01") + np.arange(days), rows_a_day)) is None


def test_log_odds_twice_as_large_as_they_should_be_are_halved_whatever_the_level_of_their_block() -> None:
    # Given blocks that are late much more or less often than the log-odds say
    random = np.random.default_rng(0)
    true, blocks = random.normal(size=ROWS), np.arange(ROWS) * BLOCKS // ROWS
    level = np.array([-1.0, 0.0, 1.0, 2.0])[blocks]
    target = (random.random(ROWS) < expit(true + level)).astype(np.intp)

    intercept, slope = calibration(2 * true, target, blocks)

    # Then the slope is found, and the mean stays the model's own
    assert slope == pytest.approx(0.5, abs=0.03)
    assert expit(intercept + slope * 2 * true).mean() == pytest.approx(expit(2 * true).mean(), abs=1e-6)


def test_log_odds_that_say_nothing_never_turn_round() -> None:
    random = np.random.default_rng(0)
    log_odds = random.normal(size=ROWS)
    target = (random.random(ROWS) < expit(-log_odds)).astype(np.intp)

    _, slope = calibration(log_odds, target, np.arange(ROWS) * BLOCKS // ROWS)

    assert slope > 0
