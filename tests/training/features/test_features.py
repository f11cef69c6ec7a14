from dataclasses import replace

import numpy as np
import pytest

from tests.training.features.made import PASSED, PLACES, days, features, made, made_frame
from training.data.dataset import Dataset
from training.errors import TrainingError

DAYS = 300


@pytest.fixture(scope="module")
def rows() -> Dataset:
    return made(span=DAYS)


def test_a_place_that_is_late_more_often_has_the_higher_rate(rows: Dataset) -> None:
    told = features().fit(made_frame(rows), rows.target, dates=days(rows)).transform(made_frame(rows))

    rates = [told[rows.columns["from"] == place, len(PASSED)][0] for place in PLACES]
    assert max(rates) == rates[1] > 0.05
    assert max(rates[0], *rates[2:]) < 0.02


def test_turning_a_rows_own_outcome_changes_nothing_it_is_told_in_training(rows: Dataset) -> None:
    # Given the same rows with every outcome of one week turned round
    week = (days(rows) >= np.datetime64("2022-03-03")) & (days(rows) < np.datetime64("2022-03-10"))
    turned = np.where(week, 1 - rows.target, rows.target)

    # When features are learned and given in one go, as training does
    before, after = (
        features().fit_transform(made_frame(rows), target, dates=days(rows))
        for target in (rows.target, turned)
    )

    # Then that week is told the same, and others are not
    np.testing.assert_allclose(before[week], after[week], atol=1e-6)
    assert (np.abs(before[~week] - after[~week]) > 1e-4).any()


def test_only_the_rows_asked_for_are_given_and_are_as_among_all(rows: Dataset) -> None:
    some = np.arange(0, len(rows), 7)

    every = features().fit_transform(made_frame(rows), rows.target, dates=days(rows))
    given = features().fit_transform(made_frame(rows), rows.target, dates=days(rows), rows=some)

    np.testing.assert_array_equal(given, every[some])


def test_rows_a_day_are_counted_by_place_and_hour(rows: Dataset) -> None:
    told = features().fit(made_frame(rows), rows.target, dates=days(rows)).transform(made_frame(rows))

    hours = np.array([time[:2] for time in rows.columns["time"]])
    mine = (rows.columns["from"] == "CCC") & (hours == "08")
    np.testing.assert_allclose(told[mine, -1], mine.sum() / DAYS, rtol=1e-5)


def test_a_place_never_met_is_told_nothing(rows: Dataset) -> None:
    fitted = features().fit(made_frame(rows), rows.target, dates=days(rows))
    nowhere = np.full(len(rows), "ZZZ", dtype=object)

    told = fitted.transform(
        made_frame(replace(rows, columns={**rows.columns, "from": nowhere, "to": nowhere}))
    )

    assert not told[:, len(PASSED) :].any()


@pytest.mark.parametrize(("span", "columns"), [(729, 0), (731, 2)], ids=["one year", "two years"])
def test_the_calendar_joins_only_when_each_date_came_twice(span: int, columns: int) -> None:
    rows = made(span=span)

    fitted = features().fit(made_frame(rows), rows.target, dates=days(rows))

    assert fitted.transform(made_frame(rows)).shape[1] == len(PASSED) + 4 + columns
    assert len(fitted.positions) == len(PASSED) + 4 + columns


def test_the_calendar_tells_the_day_of_the_year_and_how_far_a_holiday_is() -> None:
    rows = made(span=800)

    told = features().fit(made_frame(rows), rows.target, dates=days(rows)).transform(made_frame(rows))

    christmas = days(rows) == np.datetime64("2022-12-25")
    np.testing.assert_array_equal(np.unique(told[christmas, -2:], axis=0), [[359, 0]])
    eve = days(rows) == np.datetime64("2022-12-24")
    np.testing.assert_array_equal(np.unique(told[eve, -2:], axis=0), [[358, -1]])


def test_codes_that_could_be_taken_for_others_when_joined_are_refused(rows: Dataset) -> None:
    uneven = rows.columns["from"].copy()
    uneven[0] = "AA"

    with pytest.raises(TrainingError, match="'from' has codes of different lengths"):
        features().fit(
            made_frame(replace(rows, columns={**rows.columns, "from": uneven})), rows.target, dates=days(rows)
        )
