from dataclasses import replace

import numpy as np
import pytest

from tests.training.features.generated_rows import PASSED, PLACES, data_frame, days, features, generated_rows
from training.data.dataset import Dataset
from training.features.target_encoding import above_day_mean

DAYS = 300


@pytest.fixture(scope="module")
def rows() -> Dataset:
    return generated_rows(span=DAYS)


def test_a_place_with_more_delays_has_a_higher_rate(rows: Dataset) -> None:
    encoded = features().fit(data_frame(rows), rows.target, dates=days(rows)).transform(data_frame(rows))

    rates = [encoded[rows.columns["from"] == place, len(PASSED)][0] for place in PLACES]
    assert max(rates) == rates[1] > 0.05
    assert max(rates[0], *rates[2:]) < 0.02


def test_the_training_features_of_a_row_do_not_depend_on_its_own_label(rows: Dataset) -> None:
    # Given the same rows with every label of one week inverted
    week = (days(rows) >= np.datetime64("2022-03-03")) & (days(rows) < np.datetime64("2022-03-10"))
    inverted = np.where(week, 1 - rows.target, rows.target)

    # When features are fitted and transformed in one call, as in training
    before, after = (
        features().fit_transform(data_frame(rows), target, dates=days(rows))
        for target in (rows.target, inverted)
    )

    # Then the features of that week are equal, and those of other weeks differ
    np.testing.assert_allclose(before[week], after[week], atol=1e-6)
    assert (np.abs(before[~week] - after[~week]) > 1e-4).any()


def test_selected_rows_have_the_same_features_as_in_a_transform_of_all_rows(rows: Dataset) -> None:
    positions = np.arange(0, len(rows), 7)

    all_rows = features().fit_transform(data_frame(rows), rows.target, dates=days(rows))
    subset = features().fit_transform(data_frame(rows), rows.target, dates=days(rows), rows=positions)

    np.testing.assert_array_equal(subset, all_rows[positions])


def test_rows_per_day_are_counted_by_place_and_hour(rows: Dataset) -> None:
    encoded = features().fit(data_frame(rows), rows.target, dates=days(rows)).transform(data_frame(rows))

    hours = np.array([time[:2] for time in rows.columns["time"]])
    selected = (rows.columns["from"] == "CCC") & (hours == "08")
    np.testing.assert_allclose(encoded[selected, -1], selected.sum() / DAYS, rtol=1e-5)


def test_an_unknown_place_has_zero_rates_and_counts(rows: Dataset) -> None:
    fitted = features().fit(data_frame(rows), rows.target, dates=days(rows))
    unknown = np.full(len(rows), "ZZZ", dtype=object)

    encoded = fitted.transform(
        data_frame(replace(rows, columns={**rows.columns, "from": unknown, "to": unknown}))
    )

    assert not encoded[:, len(PASSED) :].any()


@pytest.mark.parametrize(("span", "columns"), [(729, 0), (731, 2)], ids=["one year", "two years"])
def test_calendar_features_are_added_only_for_two_years_of_rows(span: int, columns: int) -> None:
    rows = generated_rows(span=span)

    fitted = features().fit(data_frame(rows), rows.target, dates=days(rows))

    assert fitted.transform(data_frame(rows)).shape[1] == len(PASSED) + 5 + columns
    assert len(fitted.positions) == len(PASSED) + 5 + columns


def test_calendar_features_are_the_day_of_the_year_and_the_distance_to_a_holiday() -> None:
    rows = generated_rows(span=800)

    encoded = features().fit(data_frame(rows), rows.target, dates=days(rows)).transform(data_frame(rows))

    christmas = days(rows) == np.datetime64("2022-12-25")
    np.testing.assert_array_equal(np.unique(encoded[christmas, -2:], axis=0), [[359, 0]])
    eve = days(rows) == np.datetime64("2022-12-24")
    np.testing.assert_array_equal(np.unique(encoded[eve, -2:], axis=0), [[358, -1]])


def test_a_deviation_is_what_a_key_adds_to_the_rates_that_are_expected_of_it(rows: Dataset) -> None:
    # Given flights from AAA to BBB between 8 and 9 that are all late
    hours = np.array([time[:2] for time in rows.columns["time"]])
    late = (rows.columns["from"] == "AAA") & (rows.columns["to"] == "BBB") & (hours == "08")
    target = np.where(late, 1, rows.target)

    # When the rows are encoded
    encoded = features().fit(data_frame(rows), target, dates=days(rows)).transform(data_frame(rows))

    # Then the rates of the route and of the hour at BBB rise, and the key adds what they leave
    _, route, hour, deviation = encoded[late][0, len(PASSED) : len(PASSED) + 4]
    above = above_day_mean(target, days(rows))[late]
    expected = route + 0.5 * hour
    assert deviation == pytest.approx((above - expected).sum() / (len(above) + 20.0), abs=1e-6)
    assert deviation > 0.1


def test_codes_of_different_lengths_are_told_apart(rows: Dataset) -> None:
    # Given two pairs of codes that read alike when they are joined: "A" to "BC", and "AB" to "C"
    origin, destination = rows.columns["from"].copy(), rows.columns["to"].copy()
    short = np.arange(len(rows)) % 3 == 0
    late = short & (rows.target == 1)
    origin[short], destination[short] = "AB", "C"
    origin[late], destination[late] = "A", "BC"
    uneven = data_frame(replace(rows, columns={**rows.columns, "from": origin, "to": destination}))

    # When the pairs are encoded
    encoded = features().fit(uneven, rows.target, dates=days(rows)).transform(uneven)[:, len(PASSED) + 1]

    # Then each has its own rate
    assert encoded[late].min() > 0.2 > 0 > encoded[short & ~late].max()
