import numpy as np
import pytest

from training.data.dataset import Dataset


@pytest.fixture
def two_rows() -> Dataset:
    return Dataset(
        name="made here",
        columns={
            "size": np.array([1.5, np.nan]),
            "kind": np.array(["ant", None], dtype=object),
            "day": np.array(["2024-02-29", "2024-03-01"], dtype="datetime64[D]"),
        },
        target=np.array([1, 0]),
        dates=np.array(["2024-02-29", "2024-03-01"], dtype="datetime64[D]"),
    )


def test_a_row_is_what_a_client_would_send(two_rows: Dataset) -> None:
    assert two_rows.instance(0, ["kind", "size", "day"]) == {"kind": "ant", "size": 1.5, "day": "2024-02-29"}
    assert type(two_rows.instance(0, ["size"])["size"]) is float


def test_a_row_leaves_out_what_is_absent_or_not_asked_for(two_rows: Dataset) -> None:
    assert two_rows.instance(1, ["kind", "size", "day"]) == {"day": "2024-03-01"}
    assert two_rows.instance(0, ["kind", "never"]) == {"kind": "ant"}


def test_taking_rows_keeps_answers_and_dates_beside_them(two_rows: Dataset) -> None:
    taken = two_rows.take(np.array([1]))

    assert len(taken) == 1
    assert taken.target.tolist() == [0]
    assert taken.period == ("2024-03-01", "2024-03-01")
    assert taken.instance(0, ["day"]) == {"day": "2024-03-01"}


def test_rows_without_dates_have_no_period() -> None:
    assert Dataset(name="x", columns={}, target=np.zeros(1)).period == ("", "")


def test_fields_taken_away_are_absent_in_every_row(two_rows: Dataset) -> None:
    less = two_rows.without(["size", "day"])

    assert [less.instance(row, ["kind", "size", "day"]) for row in (0, 1)] == [{"kind": "ant"}, {}]
