import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.flights.sorting import NO_NUMBER, _periods, duplicates, sort_positions, sorted_once

KEYS = ("flight_date", "scheduled_departure", "carrier", "flight_number", "origin", "destination")
SMALL = st.lists(st.tuples(*[st.integers(0, 2)] * 6, st.sampled_from([1.0, 2.0])), min_size=1, max_size=30)


def table(flights: list[tuple[float, ...]], factor: int = 1) -> dict[str, np.ndarray]:
    columns = np.array(flights).T
    named = {name: column.astype(np.int64) * factor for name, column in zip(KEYS, columns, strict=False)}
    return {**named, "departure_delay": columns[6]}


@given(SMALL, st.sampled_from([1, 2**20]))
def test_rows_are_sorted_by_all_their_columns(flights: list[tuple[float, ...]], factor: int) -> None:
    order = sort_positions(table(flights, factor))

    assert [flights[position] for position in order] == sorted(flights)


@given(SMALL)
def test_the_kept_row_of_a_repeated_flight_does_not_depend_on_the_input_order(
    flights: list[tuple[float, ...]],
) -> None:
    def kept(rows: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
        columns = table(rows)
        order = sort_positions(columns)
        return [rows[position] for position in order[~duplicates(columns, order)]]

    assert kept(flights) == kept(flights[::-1])
    keys = [(row[0], *row[2:6]) for row in kept(flights)]
    assert len(keys) == len(set(keys)) == len({(row[0], *row[2:6]) for row in flights})


@pytest.mark.parametrize(("number", "repeated"), [(7, [False, True]), (NO_NUMBER, [False, False])])
def test_flights_without_a_flight_number_are_not_duplicates(number: int, repeated: list[bool]) -> None:
    columns = table([(0, 0, 0, number, 0, 0, 1.0), (0, 5, 0, number, 0, 0, 1.0)])

    assert duplicates(columns, sort_positions(columns)).tolist() == repeated


@given(SMALL, st.integers(1, 30))
def test_rows_that_are_sorted_period_by_period_have_the_order_of_all_and_each_flight_once(
    flights: list[tuple[float, ...]], rows_a_period: int
) -> None:
    columns = table(flights)
    order = sort_positions(columns)
    again = duplicates(columns, order)

    found, repeated = sorted_once(columns, rows_a_period=rows_a_period)

    assert [flights[position] for position in found] == [flights[position] for position in order[~again]]
    assert repeated == again.sum()


def test_a_period_has_whole_days_and_not_many_more_rows_than_it_may() -> None:
    dates = np.repeat([11, 3, 20, 4], [4, 3, 9, 2])

    days = [sorted({*dates[rows]}) for rows in _periods(dates, 5)]

    assert days == [[3, 4], [11], [20]]
